import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, sqlite, type Engine, type EngineModel } from '@use-assistant/engine';

/** Sends a request to an engine, in this process or over HTTP. */
export type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** The few requests that the measurements make, without a client library between. */
export interface BenchClient {
  send: Send;
  assistantId: string;
  thread(): Promise<string>;
  message(threadId: string, content: string): Promise<void>;
  /** Starts a run and answers with its stream. */
  stream(threadId: string): Promise<Response>;
}

export async function createClient(send: Send): Promise<BenchClient> {
  const post = async (path: string, body: unknown): Promise<Response> => {
    const headers = { 'content-type': 'application/json' };
    const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const make = async (path: string, body: unknown) =>
    ((await (await post(path, body)).json()) as { id: string }).id;
  const assistantId = await make('/assistants', { model: 'any' });
  return {
    send,
    assistantId,
    thread: () => make('/threads', { messages: [{ role: 'user', content: 'Hello' }] }),
    async message(threadId, content) {
      await make(`/threads/${threadId}/messages`, { role: 'user', content });
    },
    stream: (threadId) => post(`/threads/${threadId}/runs`, { assistant_id: assistantId, stream: true }),
  };
}

/** Reads a stream to its end; calls back at the first piece that holds a word of the model. */
export async function drain(response: Response, onFirstWord?: () => void): Promise<void> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let isWaiting = onFirstWord !== undefined;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!isWaiting || !decoder.decode(part.value).includes('thread.message.delta')) continue;
    isWaiting = false;
    onFirstWord!();
  }
}

/** Runs `work` with an engine on a folder of its own, and takes both away again. */
export async function withEngine<T>(
  model: EngineModel,
  work: (engine: Engine, client: BenchClient, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const engine = createEngine({ model, storage: sqlite(folder), log: () => {} });
  try {
    const client = await createClient((path, init) => engine.fetch(`http://engine.local/v1${path}`, init));
    return await work(engine, client, folder);
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
