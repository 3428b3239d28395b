import { create as contentDisposition } from 'content-disposition';
import type { OutputFileData } from '@use-assistant/protocol';
import { sniffedBytes, sniffMediaType } from '../media-type.ts';
import { forgetFile, readFileFacts } from '../output-files.ts';
import { refusal, statusOf } from '../public-errors.ts';
import { fileReference, json, readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { readBytes } from './request-body.ts';
import { findThreadFile } from './thread-files.ts';

const defaultMaxFileSize = 50 * 1024 * 1024;
/** What multipart adds around one file. */
const multipartRoom = 64 * 1024;

/** `POST /files`: takes one file. */
export async function uploadFile(context: HandlerContext, call: Call): Promise<Response> {
  const { maxFileSize = defaultMaxFileSize } = context.options.limits ?? {};
  const type = call.request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw refusal('bad_request', 'The content type must be multipart/form-data.');
  }
  const bytes = await readBytes(call.request, maxFileSize + multipartRoom);
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => {
    throw refusal('bad_request', 'The body is not multipart form data.');
  });
  const files = [...form.values()].filter((value) => typeof value !== 'string');
  const file = files[0];
  if (!file) throw refusal('bad_request', 'A part named file is missing.');
  if (files.length > 1) throw refusal('too_many_files', 'Send one file a request.');
  return json(await keepFile(context, call, await file.bytes(), file.name), 201);
}

/** Checks a file and gives it to the engine. */
export async function keepFile(
  context: HandlerContext,
  call: Call,
  bytes: Uint8Array<ArrayBuffer>,
  givenName: string,
): Promise<OutputFileData & { fileId: string }> {
  const { maxFileSize = defaultMaxFileSize, accept } = context.options.limits ?? {};
  if (bytes.byteLength > maxFileSize) throw refusal('file_too_large');
  if (bytes.byteLength === 0) throw refusal('bad_request', 'The file is empty.');
  const name = toFileName(givenName);
  const mediaType = await sniffMediaType(bytes.subarray(0, sniffedBytes), name);
  if (accept && !accept.some((pattern) => fits(mediaType, pattern))) throw refusal('file_type_refused');
  const kept = await call.client.files.create({
    file: new File([bytes], name, { type: mediaType }),
    purpose: 'assistants',
  });
  const facts = { fileId: kept.id, name, mediaType, size: bytes.byteLength };
  return { ...facts, ...(await fileReference(context, call)(facts)) };
}

/** `GET /files/:id`: the bytes, as an attachment that no browser runs. */
export async function downloadFile(context: HandlerContext, call: Call): Promise<Response> {
  return sendFile(call, await verifiedId(context, call, call.params['id']!));
}

/** `GET /threads/:id/files/:name`: the newest file of the thread with this name in the sandbox. */
export async function downloadThreadFile(_context: HandlerContext, call: Call): Promise<Response> {
  const thread = await readThread(call, call.params['id']!);
  const fileId = await findThreadFile(call.client, thread.id, call.params['name']!);
  if (fileId === undefined) throw refusal('not_found');
  return sendFile(call, fileId);
}

/** `DELETE /files/:id`. */
export async function deleteFile(context: HandlerContext, call: Call): Promise<Response> {
  const fileId = await verifiedId(context, call, call.params['id']!);
  await call.client.files.delete(fileId).catch(toNotFound);
  forgetFile(call.client, fileId);
  return new Response(null, { status: 204 });
}

async function verifiedId(context: HandlerContext, call: Call, signedId: string): Promise<string> {
  const fileId = await context.signedIds.verify(signedId, call.owners);
  if (fileId === undefined) throw refusal('not_found');
  return fileId;
}

async function sendFile({ client, request }: Call, fileId: string): Promise<Response> {
  const facts = await readFileFacts(client, fileId, request.signal).catch(toNotFound);
  const content = await client.files.content(fileId, { signal: request.signal }).catch(toNotFound);
  return new Response(content.body, {
    headers: {
      'content-type': facts.mediaType,
      'content-length': String(facts.size),
      'content-disposition': contentDisposition(facts.name),
      'x-content-type-options': 'nosniff',
      'content-security-policy': policyFor(facts.mediaType),
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
    },
  });
}

/** A drawing in an `<img>` may style itself; nothing else may do anything. */
function policyFor(mediaType: string): string {
  const images =
    mediaType === 'image/svg+xml' ? "; style-src 'unsafe-inline'; img-src data:; font-src data:" : '';
  return `sandbox; default-src 'none'${images}`;
}

function toNotFound(error: unknown): never {
  if (statusOf(error) === 404) throw refusal('not_found');
  throw error;
}

/** A name without path, control characters and direction tricks, short enough for every file system. */
function toFileName(given: string): string {
  const name = given
    .replace(/^.*[/\\]/s, '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  if (name === '' || /^\.+$/.test(name)) return 'file';
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot, dot + 20) : '';
  const stem = dot > 0 ? name.slice(0, dot) : name;
  // By characters: half of a surrogate pair is no text.
  return Array.from(stem).slice(0, 120).join('') + extension;
}

function fits(mediaType: string, pattern: string): boolean {
  return pattern.endsWith('/*') ? mediaType.startsWith(pattern.slice(0, -1)) : mediaType === pattern;
}
