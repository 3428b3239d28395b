import { nowSeconds, type Upload, type UploadPart } from '../wire.ts';
import type { Database } from './records.ts';

/** What the engine knows of an upload beyond the wire. */
export interface UploadPrivate {
  mimeType: string;
  /** Seconds that the file will live; undefined for one that stays. */
  fileLifetime: number | undefined;
  /** The parts of which its file was made, once it is completed. */
  completedOf?: string[];
}

export interface StoredUpload {
  upload: Upload;
  details: UploadPrivate;
}

export async function insertUpload(
  database: Database,
  upload: Upload,
  details: UploadPrivate,
): Promise<void> {
  await database
    .insertInto('uploads')
    .values({
      id: upload.id,
      created_at: upload.created_at,
      status: upload.status,
      expires_at: upload.expires_at,
      body: JSON.stringify(upload),
      private: JSON.stringify(details),
    })
    .execute();
}

/** The upload; one whose time is over shows it, whether or not anyone has swept it away yet. */
export async function findUpload(database: Database, id: string): Promise<StoredUpload | undefined> {
  const row = await database
    .selectFrom('uploads')
    .select(['body', 'private'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const upload = JSON.parse(row.body) as Upload;
  if (upload.status === 'pending' && upload.expires_at <= nowSeconds()) upload.status = 'expired';
  return { upload, details: JSON.parse(row.private) as UploadPrivate };
}

/** Writes an upload that has come to its end, and forgets its parts; answers the ids of those. */
export async function endUpload(
  database: Database,
  upload: Upload,
  details?: UploadPrivate,
): Promise<string[]> {
  await database
    .updateTable('uploads')
    .set({
      status: upload.status,
      body: JSON.stringify(upload),
      ...(details && { private: JSON.stringify(details) }),
    })
    .where('id', '=', upload.id)
    .execute();
  const parts = await database
    .deleteFrom('upload_parts')
    .where('upload_id', '=', upload.id)
    .returning('id')
    .execute();
  return parts.map(({ id }) => id);
}

export async function insertPart(database: Database, part: UploadPart, bytes: number): Promise<void> {
  await database
    .insertInto('upload_parts')
    .values({
      id: part.id,
      created_at: part.created_at,
      upload_id: part.upload_id,
      bytes,
      body: JSON.stringify(part),
    })
    .execute();
}

/** The sizes of the upload's parts, by id. */
export async function listPartSizes(database: Database, uploadId: string): Promise<Map<string, number>> {
  const rows = await database
    .selectFrom('upload_parts')
    .select(['id', 'bytes'])
    .where('upload_id', '=', uploadId)
    .execute();
  return new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]));
}
