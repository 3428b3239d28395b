import { create as contentDisposition } from 'content-disposition';
import { forgetFile, readFileFacts } from '../output-files.ts';
import { refusal, statusOf } from '../public-errors.ts';
import { cutRange, readRange } from './byte-range.ts';
import { json, readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { findThreadFile } from './thread-files.ts';

/** `GET /files/:id`: the bytes, or a range of them, as an attachment that no browser runs. */
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
  const { signal, headers: asked } = request;
  const facts = await readFileFacts(client, fileId, signal).catch(toNotFound);
  const headers = {
    'content-type': facts.mediaType,
    'content-disposition': contentDisposition(facts.name.toWellFormed()),
    'x-content-type-options': 'nosniff',
    'content-security-policy': policyFor(facts.mediaType),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
    // The content of an id never changes.
    etag: `"${fileId}"`,
  };
  // `If-Range`: whoever holds a piece of another file needs the whole of this one.
  const isSame = (asked.get('if-range') ?? headers.etag) === headers.etag;
  const range = isSame ? readRange(asked.get('range'), facts.size) : undefined;
  if (range === 'unsatisfiable') {
    const refused = json({ error: { code: 'bad_request', message: 'The file has no such range.' } }, 416);
    refused.headers.set('content-range', `bytes */${facts.size}`);
    return refused;
  }
  const length = { 'content-length': String(range ? range.last - range.first + 1 : facts.size) };
  const init = range
    ? {
        status: 206,
        headers: {
          ...headers,
          ...length,
          'content-range': `bytes ${range.first}-${range.last}/${facts.size}`,
        },
      }
    : { headers: { ...headers, ...length } };
  if (request.method === 'HEAD') {
    // That it is still there is all that is left to know.
    await client.files.retrieve(fileId, { signal }).catch(toNotFound);
    return new Response(null, init);
  }
  const forward = range && { range: `bytes=${range.first}-${range.last}` };
  const content = await client.files
    .content(fileId, { signal, ...(forward && { headers: forward }) })
    .catch(toNotFound);
  const isWhole = content.status !== 206 && content.body !== null;
  return new Response(range && isWhole ? cutRange(content.body, range) : content.body, init);
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
