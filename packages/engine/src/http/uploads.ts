import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { toByteStream } from '../storage/byte-stream.ts';
import type { BlobStore } from '../storage/port.ts';
import { insertFile, type Database } from '../storage/records.ts';
import {
  endUpload,
  findUpload,
  insertPart,
  insertUpload,
  listPartSizes,
  type StoredUpload,
} from '../storage/uploads.ts';
import { nowSeconds, type FileObject, type Upload, type UploadPart } from '../wire.ts';
import { ApiError, badRequest } from './errors.ts';
import { toFilename } from './filenames.ts';
import { expiresAfterSchema, purposeSchema } from './files.ts';
import { readMultipart } from './multipart.ts';
import { readBody } from './validation.ts';

const lifetimeSeconds = 3600;
const maxUploadBytes = 8 * 2 ** 30;
const maxPartBytes = 64 * 2 ** 20;

const createSchema = z.strictObject({
  bytes: z.number().int().min(1).max(maxUploadBytes),
  filename: z.string().min(1),
  mime_type: z.string(),
  purpose: purposeSchema,
  expires_after: expiresAfterSchema,
});

const completeSchema = z.strictObject({
  part_ids: z.array(z.string()).min(1),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, 'a checksum has 32 hexadecimal digits.')
    .nullish(),
});

/** `/uploads`: files that come in parts. */
export function uploadRoutes(context: EngineContext): Hono {
  const { database, blobs, files } = context;
  const routes = new Hono();

  routes.post('/', async (c) => {
    const body = await readBody(c, createSchema);
    const now = nowSeconds();
    const upload: Upload = {
      id: createId('upload'),
      object: 'upload',
      bytes: body.bytes,
      created_at: now,
      filename: toFilename(body.filename),
      purpose: body.purpose,
      status: 'pending',
      expires_at: now + lifetimeSeconds,
    };
    await insertUpload(database, upload, {
      mimeType: body.mime_type,
      fileLifetime: body.expires_after?.seconds,
    });
    files.watch(upload.expires_at);
    return c.json(upload);
  });

  routes.post('/:id/parts', async (c) => {
    const uploadId = c.req.param('id');
    await findPending(database, uploadId);
    const id = createId('part');
    try {
      const { file: bytes } = await readMultipart(c.req.raw, {
        fileField: 'data',
        maxFileBytes: maxPartBytes,
        onFile: (_, stream) => blobs.put(id, stream),
      });
      if (bytes === undefined) {
        throw badRequest("Missing required parameter: 'data'.", 'data', 'missing_required_parameter');
      }
      const part: UploadPart = {
        id,
        object: 'upload.part',
        created_at: nowSeconds(),
        upload_id: uploadId,
      };
      await database.transaction().execute(async (transaction) => {
        // It may have come to its end while the bytes were on their way.
        await findPending(transaction, uploadId);
        const sizes = [...(await listPartSizes(transaction, uploadId)).values()];
        if (sizes.reduce((sum, size) => sum + size, bytes) > maxUploadBytes) {
          throw new ApiError(413, 'The parts of an upload have at most 8 GB together.');
        }
        await insertPart(transaction, part, bytes);
      });
      return c.json(part);
    } catch (error) {
      await blobs.remove(id);
      throw error;
    }
  });

  routes.post('/:id/complete', async (c) => {
    const id = c.req.param('id');
    const body = await readBody(c, completeSchema);
    const stored = await findUpload(database, id);
    // Asked once more, by a client that did not hear the answer.
    if (stored && isCompletionOf(stored, body.part_ids)) return c.json(stored.upload);
    const { upload, details } = requirePending(stored, id);
    checkParts(upload, body.part_ids, await listPartSizes(database, id));
    const now = nowSeconds();
    const file: FileObject = {
      id: createId('file'),
      object: 'file',
      bytes: upload.bytes,
      created_at: now,
      filename: upload.filename,
      purpose: upload.purpose,
      status: 'processed',
      ...(details.fileLifetime !== undefined && { expires_at: now + details.fileLifetime }),
    };
    const completed: Upload = { ...upload, status: 'completed', file };
    let parts: string[];
    try {
      const md5 = await joinParts(blobs, file.id, body.part_ids);
      if (body.md5 && body.md5.toLowerCase() !== md5) {
        throw badRequest(`The MD5 checksum of the parts is ${md5}, not ${body.md5}.`, 'md5', 'invalid_value');
      }
      parts = await database.transaction().execute(async (transaction) => {
        // Of two that complete or cancel it at once, one wins.
        await findPending(transaction, id);
        await insertFile(transaction, file);
        return endUpload(transaction, completed, { ...details, completedOf: body.part_ids });
      });
    } catch (error) {
      await blobs.remove(file.id);
      const now = await findUpload(database, id);
      if (now && isCompletionOf(now, body.part_ids)) return c.json(now.upload);
      // Parts that vanished under our hands have been taken away by whoever ended the upload: say that.
      requirePending(now, id);
      throw error;
    }
    for (const part of parts) await blobs.remove(part);
    if (file.expires_at !== undefined) files.watch(file.expires_at);
    return c.json(completed);
  });

  routes.post('/:id/cancel', async (c) => {
    const id = c.req.param('id');
    const { upload, parts } = await database.transaction().execute(async (transaction) => {
      const { upload } = await findPending(transaction, id);
      upload.status = 'cancelled';
      return { upload, parts: await endUpload(transaction, upload) };
    });
    for (const part of parts) await blobs.remove(part);
    return c.json(upload);
  });

  return routes;
}

async function findPending(database: Database, id: string): Promise<StoredUpload> {
  return requirePending(await findUpload(database, id), id);
}

function requirePending(stored: StoredUpload | undefined, id: string): StoredUpload {
  if (!stored) throw new ApiError(404, `No such Upload object: ${id}`, { param: 'id' });
  const { status } = stored.upload;
  if (status !== 'pending')
    throw badRequest(`Upload ${id} is ${status}: nothing can be done with it any more.`);
  return stored;
}

/** Whether the upload has been completed, of just these parts. */
function isCompletionOf({ upload, details }: StoredUpload, partIds: string[]): boolean {
  const made = details.completedOf;
  return (
    upload.status === 'completed' &&
    made?.length === partIds.length &&
    made.every((id, index) => id === partIds[index])
  );
}

function checkParts(upload: Upload, partIds: string[], sizes: Map<string, number>): void {
  let sum = 0;
  for (const [index, id] of partIds.entries()) {
    const size = sizes.get(id);
    const param = `part_ids[${index}]`;
    if (size === undefined) throw badRequest(`No such Part object: ${id}`, param, 'invalid_value');
    if (partIds.indexOf(id) !== index) throw badRequest(`Part ${id} is named twice.`, param, 'invalid_value');
    sum += size;
  }
  if (sum !== upload.bytes) {
    throw badRequest(`The parts have ${sum} bytes together; the upload was created for ${upload.bytes}.`);
  }
}

/** Writes the parts' bytes one after the other, and answers their checksum. */
async function joinParts(blobs: BlobStore, id: string, partIds: string[]): Promise<string> {
  const hash = createHash('md5');
  await blobs.put(id, toByteStream(readParts(blobs, partIds, (chunk) => hash.update(chunk))));
  return hash.digest('hex');
}

async function* readParts(
  blobs: BlobStore,
  partIds: string[],
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for (const id of partIds) {
    for await (const chunk of await blobs.stream(id)) {
      onChunk(chunk);
      yield chunk;
    }
  }
}
