import { Hono } from 'hono';
import type { EngineContext } from '../../engine-context.ts';
import { findObject } from '../../storage/records.ts';
import type { Message } from '../../wire.ts';
import { fileNotFound, notFound } from '../errors.ts';
import { readPage } from '../validation.ts';
import { pageOf } from './page-of.ts';
import { fileIdsOf } from './translator.ts';

/** `/threads/{thread}/messages/{message}/files`, which only v1 has. */
export function messageFileRoutes({ database }: EngineContext): Hono {
  const routes = new Hono();

  const findMessage = async ({
    thread,
    message: id,
  }: {
    thread: string;
    message: string;
  }): Promise<Message> => {
    const message = await findObject(database, 'messages', id);
    if (message?.thread_id !== thread) throw notFound('message', id);
    return message;
  };

  const toFile = (message: Message, id: string) => ({
    id,
    object: 'thread.message.file',
    created_at: message.created_at,
    message_id: message.id,
  });

  routes.get('/:thread/messages/:message/files', async (c) => {
    const message = await findMessage(c.req.param());
    const files = fileIdsOf(message.attachments).map((id) => toFile(message, id));
    return c.json(pageOf(files, readPage(c)));
  });

  routes.get('/:thread/messages/:message/files/:file', async (c) => {
    const id = c.req.param('file');
    const message = await findMessage(c.req.param());
    if (!fileIdsOf(message.attachments).includes(id)) throw fileNotFound(id);
    return c.json(toFile(message, id));
  });

  return routes;
}
