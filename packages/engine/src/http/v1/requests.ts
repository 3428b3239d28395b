import type { Context } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../../engine-context.ts';
import { findObject } from '../../storage/records.ts';
import { badRequest, fileNotFound } from '../errors.ts';
import { readBody } from '../validation.ts';

type Fields = Record<string, unknown>;

/** The request in v2: what is not known to v1 alone passes as it is, and v2 judges it. */
export async function toV2Request(context: EngineContext, c: Context): Promise<Request> {
  if (c.req.method !== 'POST') return inV2(c.req.raw);
  const body: unknown = await readBody(c, z.unknown());
  return inV2(c.req.raw, isFields(body) ? await toV2Body(context, body) : body);
}

/** The same request, or another one of the same caller, as v2 takes it. */
export function inV2(request: Request, body?: unknown, to: { method?: string; path?: string } = {}): Request {
  const headers = new Headers(request.headers);
  headers.set('openai-beta', 'assistants=v2');
  headers.delete('content-length');
  const url = to.path === undefined ? request.url : new URL(to.path, request.url);
  const { signal } = request;
  const method = to.method ?? request.method;
  if (body === undefined) return new Request(url, { method, headers, signal });
  headers.set('content-type', 'application/json');
  return new Request(url, { method, headers, signal, body: JSON.stringify(body) });
}

/** A body with its tools, messages and threads in v2. */
export async function toV2Body(context: EngineContext, body: Fields, path = ''): Promise<Fields> {
  const translated: Fields = { ...body };
  if (Array.isArray(body['tools'])) translated['tools'] = body['tools'].map(toV2Tool);
  if (isFields(body['tool_choice'])) translated['tool_choice'] = toV2Tool(body['tool_choice']);
  if (isFields(body['thread'])) {
    translated['thread'] = await toV2Body(context, body['thread'], `${path}thread.`);
  }
  for (const key of ['messages', 'additional_messages']) {
    const messages = body[key];
    if (!Array.isArray(messages)) continue;
    const list: unknown[] = [];
    for (const [index, message] of messages.entries()) {
      const at = `${path}${key}[${index}].`;
      list.push(isFields(message) ? await toV2Body(context, message, at) : message);
    }
    translated[key] = list;
  }
  if ('file_ids' in body) {
    const fileIds = readFileIds(body['file_ids'], `${path}file_ids`, 10);
    delete translated['file_ids'];
    if (fileIds.length > 0) translated['attachments'] = await toAttachments(context, fileIds);
  }
  return translated;
}

/** `file_ids` of a body, checked. */
export function readFileIds(value: unknown, param: string, max: number): string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string')) {
    throw badRequest(`Invalid type for '${param}': expected an array of strings.`, param, 'invalid_type');
  }
  if (value.length > max) {
    throw badRequest(`Invalid '${param}': at most ${max} files are allowed.`, param, 'invalid_value');
  }
  return [...new Set(value as string[])];
}

/** A v1 message does not say which tool its files are for: they are for both. */
async function toAttachments(context: EngineContext, fileIds: string[]): Promise<unknown[]> {
  const attachments: unknown[] = [];
  for (const file_id of fileIds) {
    const file = await findObject(context.database, 'files', file_id);
    if (!file) throw fileNotFound(file_id);
    attachments.push({ file_id, tools: [{ type: 'code_interpreter' }, { type: 'file_search' }] });
  }
  return attachments;
}

function toV2Tool(tool: unknown): unknown {
  return isFields(tool) && tool['type'] === 'retrieval' ? { type: 'file_search' } : tool;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
