import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { listObjects } from '../storage/pages.ts';
import type { ByteRange } from '../storage/port.ts';
import { findObject, insertFile } from '../storage/records.ts';
import { nowSeconds, type FileObject } from '../wire.ts';
import { badRequest, fileNotFound } from './errors.ts';
import { encodeFilename, fromFormFilename, toFilename } from './filenames.ts';
import { readMultipart } from './multipart.ts';
import { check, readPage } from './validation.ts';

const maxFileBytes = 512 * 2 ** 20;

export const purposeSchema = z.enum(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']);

/** When a file goes by itself. Numbers come as text from a form. */
export const expiresAfterSchema = z
  .object({ anchor: z.literal('created_at'), seconds: z.coerce.number().int().min(3600).max(2_592_000) })
  .optional();

const formSchema = z.object({ purpose: purposeSchema, expires_after: expiresAfterSchema });

/** `/files` */
export function fileRoutes(context: EngineContext): Hono {
  const { database, blobs, files } = context;
  const routes = new Hono();

  routes.post('/', async (c) => {
    const id = createId('file');
    try {
      const form = await readMultipart(c.req.raw, {
        fileField: 'file',
        maxFileBytes,
        // Clients send the file first: it lies there before anything else is known of it.
        onFile: async (filename, stream) => ({
          filename: toFilename(fromFormFilename(filename)),
          bytes: await blobs.put(id, stream),
        }),
      });
      if (!form.file) {
        throw badRequest("Missing required parameter: 'file'.", 'file', 'missing_required_parameter');
      }
      const { purpose, expires_after: expiry } = check(formSchema, nestFields(form.fields));
      const now = nowSeconds();
      const file: FileObject = {
        id,
        object: 'file',
        bytes: form.file.bytes,
        created_at: now,
        filename: form.file.filename,
        purpose,
        status: 'processed',
        ...(expiry && { expires_at: now + expiry.seconds }),
      };
      await insertFile(database, file);
      if (file.expires_at !== undefined) files.watch(file.expires_at);
      return c.json(file);
    } catch (error) {
      await blobs.remove(id);
      throw error;
    }
  });

  routes.get('/', async (c) => {
    const page = readPage(c, { default: 10_000, max: 10_000 });
    await files.sweep();
    return c.json(
      await listObjects<FileObject>(database, 'files', { purpose: c.req.query('purpose') }, page),
    );
  });

  const findFile = async (id: string): Promise<FileObject> => {
    const file = await findObject(database, 'files', id);
    if (!file || (file.expires_at !== undefined && file.expires_at <= nowSeconds())) throw fileNotFound(id);
    return file;
  };

  routes.get('/:id', async (c) => c.json(await findFile(c.req.param('id'))));

  routes.get('/:id/content', async (c) => {
    const file = await findFile(c.req.param('id'));
    const headers = {
      // Always as bytes to keep, never as a page: what a file holds is not ours to vouch for.
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeFilename(file.filename)}`,
      'x-content-type-options': 'nosniff',
    };
    const range = readRange(c.req.header('range'), file.bytes);
    if (!range) return new Response(await blobs.stream(file.id), { headers });
    headers['content-length'] = String(range.last - range.first + 1);
    return new Response(await blobs.stream(file.id, range), {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${range.first}-${range.last}/${file.bytes}` },
    });
  });

  routes.delete('/:id', async (c) => {
    const { id } = await findFile(c.req.param('id'));
    if (!(await files.remove(id))) throw fileNotFound(id);
    return c.json({ id, object: 'file', deleted: true });
  });

  return routes;
}

/** A range with both ends in the file; whoever asks otherwise gets the whole, as HTTP allows. */
function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header ?? '');
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return first <= last && last < size ? { first, last } : undefined;
}

/** `expires_after[seconds]` of a form is `seconds` within `expires_after`. */
function nestFields(fields: Record<string, string>): Record<string, unknown> {
  const nested: Record<string, unknown> = { purpose: fields['purpose'] };
  const expiry = Object.entries(fields).flatMap(([name, value]) => {
    const key = /^expires_after\[(\w+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  if (expiry.length > 0) nested['expires_after'] = Object.fromEntries(expiry);
  return nested;
}
