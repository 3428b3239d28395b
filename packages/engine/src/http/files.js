import { Hono } from 'hono';
import { z } from 'zod';
import { createId } from '../ids.js';
import { listObjects } from '../storage/pages.js';
import { findObject, insertFile } from '../storage/records.js';
import { nowSeconds } from '../wire.js';
import { ApiError, badRequest, fileNotFound } from './errors.js';
import { check, readPage } from './validation.js';
const purposes = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];
const formSchema = z.object({
  purpose: z.enum(purposes),
  expiresAfter: z.coerce.number().int().min(3600).max(2_592_000).optional(),
});
const maxFileBytes = 512 * 2 ** 20;
/** `/files` */
export function fileRoutes(context) {
  const { database, blobs } = context;
  const routes = new Hono();
  routes.post('/', async (c) => {
    if (Number(c.req.header('content-length') ?? 0) > maxFileBytes + 65_536) {
      throw new ApiError(413, 'The file is larger than the 512 MB that are allowed.');
    }
    const form = await c.req.raw.formData().catch(() => {
      throw badRequest('We could not parse the multipart form of your request.');
    });
    const upload = form.get('file');
    if (!(upload instanceof File)) {
      throw badRequest("Missing required parameter: 'file'.", 'file', 'missing_required_parameter');
    }
    if (upload.size > maxFileBytes)
      throw new ApiError(413, 'The file is larger than the 512 MB that are allowed.');
    const { purpose, expiresAfter } = check(formSchema, {
      purpose: form.get('purpose') ?? undefined,
      expiresAfter: form.get('expires_after[seconds]') ?? undefined,
    });
    const now = nowSeconds();
    const id = createId('file');
    const file = {
      id,
      object: 'file',
      bytes: await blobs.put(id, upload.stream()),
      created_at: now,
      filename: toFilename(upload.name),
      purpose,
      status: 'processed',
      expires_at: expiresAfter === undefined ? null : now + expiresAfter,
      status_details: null,
    };
    await insertFile(database, file);
    return c.json(file);
  });
  routes.get('/', async (c) => {
    const page = readPage(c, { default: 10_000, max: 10_000 });
    return c.json(await listObjects(database, 'files', { purpose: c.req.query('purpose') }, page));
  });
  const findFile = async (id) => {
    const file = await findObject(database, 'files', id);
    if (!file || (file.expires_at !== null && file.expires_at <= nowSeconds())) throw fileNotFound(id);
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
    return new Response(await blobs.stream(file.id), { headers });
  });
  routes.delete('/:id', async (c) => {
    const { id } = await findFile(c.req.param('id'));
    await database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('files').where('id', '=', id).execute();
    });
    await blobs.remove(id);
    return c.json({ id, object: 'file', deleted: true });
  });
  return routes;
}
/** The last part of whatever path the client sent, without what no file name should hold. */
function toFilename(name) {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  // oxlint-disable-next-line no-control-regex -- they are what is being taken out
  const clean = base.replaceAll(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 255);
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean;
}
function encodeFilename(name) {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
}
//# sourceMappingURL=files.js.map
