import { Hono, type Context } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { listObjects } from '../storage/pages.ts';
import { findActiveRun, findObject, insertMessage, saveObject, type Database } from '../storage/records.ts';
import { findMissingFile } from '../storage/vector-stores.ts';
import { nowSeconds, type Attachment, type Message, type MessageContent, type Thread } from '../wire.ts';
import { messageSchema, metadataOnlySchema, type MessageBody } from './bodies.ts';
import { badRequest, found, notFound } from './errors.ts';
import { addSearchableFiles, maxPythonFiles, withFiles } from './tool-resources.ts';
import { requireFiles } from './vector-store-lookup.ts';
import { readBody, readPage } from './validation.ts';

/** What is done when messages bring a thread more files than it takes. */
export type WhenFull = 'refuse' | 'drop-oldest';

/** A program of 2023 knows no such limit: it must not fail for it, and the newest files are those that it speaks of. */
export function whenFull(c: Context): WhenFull {
  return (c.env as { isV1?: boolean } | undefined)?.isV1 ? 'drop-oldest' : 'refuse';
}

/** Adds messages to a thread, and their files to what the thread's Python and file search find. */
export async function addMessages(
  database: Database,
  thread: Thread,
  bodies: MessageBody[],
  full: WhenFull,
): Promise<Message[]> {
  const messages: Message[] = [];
  const fileIds: string[] = [];
  const searchable: string[] = [];
  for (const body of bodies) {
    const now = nowSeconds();
    const attachments = (body.attachments ?? []).map((attachment): Attachment => ({
      file_id: attachment.file_id,
      tools: attachment.tools ?? [],
    }));
    await requireFiles(
      database,
      attachments.map(({ file_id }) => file_id),
    );
    await requireImages(database, body.content);
    for (const { file_id, tools } of attachments) {
      if (tools.some(({ type }) => type === 'code_interpreter')) fileIds.push(file_id);
      if (tools.some(({ type }) => type === 'file_search')) searchable.push(file_id);
    }
    const message: Message = {
      id: createId('message'),
      object: 'thread.message',
      created_at: now,
      thread_id: thread.id,
      status: 'completed',
      incomplete_details: null,
      completed_at: now,
      incomplete_at: null,
      role: body.role,
      content: toContent(body.content),
      assistant_id: null,
      run_id: null,
      attachments,
      metadata: body.metadata ?? {},
    };
    await insertMessage(database, message);
    messages.push(message);
  }
  if (fileIds.length > 0) {
    const known = thread.tool_resources?.code_interpreter?.file_ids ?? [];
    if (full === 'refuse' && new Set([...known, ...fileIds]).size > maxPythonFiles)
      throw badRequest(`A thread takes at most ${maxPythonFiles} files for code interpreter.`);
    const file_ids = withFiles(known, fileIds);
    thread.tool_resources = { ...thread.tool_resources, code_interpreter: { file_ids } };
    await saveObject(database, 'threads', thread);
  }
  if (searchable.length > 0) await addSearchableFiles(database, thread, searchable);
  return messages;
}

/** Images that a message shows must be there: a model that is not shown one answers all the same, and wrongly. */
async function requireImages(database: Database, content: MessageBody['content']): Promise<void> {
  if (typeof content === 'string') return;
  const images = content.map((part) => (part.type === 'image_file' ? part.image_file.file_id : undefined));
  const missing = await findMissingFile(
    database,
    images.filter((id) => id !== undefined),
  );
  if (missing === undefined) return;
  const param = `content[${images.indexOf(missing)}].image_file.file_id`;
  throw badRequest(`No such File object: ${missing}`, param, 'invalid_value');
}

function toContent(content: MessageBody['content']): MessageContent[] {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  return parts.map((part) =>
    part.type === 'text' ? { type: 'text', text: { value: part.text, annotations: [] } } : part,
  );
}

/** `/threads/{thread}/messages` */
export function messageRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  const findMessage = async (from: Database, threadId: string, id: string): Promise<Message> => {
    const message = await findObject(from, 'messages', id);
    if (message?.thread_id !== threadId) throw notFound('message', id);
    return message;
  };

  routes.post('/:thread/messages', async (c) => {
    const id = c.req.param('thread');
    const body = await readBody(c, messageSchema);
    const message = await database.transaction().execute(async (transaction) => {
      const thread = found(await findObject(transaction, 'threads', id), 'thread', id);
      const active = await findActiveRun(transaction, id);
      if (active) throw badRequest(`Can't add messages to ${id} while a run ${active.id} is active.`);
      return (await addMessages(transaction, thread, [body], whenFull(c)))[0];
    });
    return c.json(message);
  });

  routes.get('/:thread/messages', async (c) => {
    const id = c.req.param('thread');
    found(await findObject(database, 'threads', id), 'thread', id);
    const filters = { thread_id: id, run_id: c.req.query('run_id') };
    return c.json(await listObjects<Message>(database, 'messages', filters, readPage(c)));
  });

  routes.get('/:thread/messages/:message', async (c) =>
    c.json(await findMessage(database, c.req.param('thread'), c.req.param('message'))),
  );

  routes.post('/:thread/messages/:message', async (c) => {
    const body = await readBody(c, metadataOnlySchema);
    return c.json(
      await database.transaction().execute(async (transaction) => {
        const message = await findMessage(transaction, c.req.param('thread'), c.req.param('message'));
        if (body.metadata !== undefined) message.metadata = body.metadata ?? {};
        await saveObject(transaction, 'messages', message);
        return message;
      }),
    );
  });

  routes.delete('/:thread/messages/:message', async (c) => {
    const { id } = await findMessage(database, c.req.param('thread'), c.req.param('message'));
    await database.deleteFrom('messages').where('id', '=', id).execute();
    return c.json({ id, object: 'thread.message.deleted', deleted: true });
  });

  return routes;
}
