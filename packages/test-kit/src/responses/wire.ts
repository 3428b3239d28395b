import type { ServerResponse } from 'node:http';
import type { StandInRequest } from './containers.ts';

/** The form of a request with a file. */
export async function readForm({ bytes, request }: StandInRequest): Promise<FormData> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return new Response(new Uint8Array(bytes), { headers }).formData();
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
