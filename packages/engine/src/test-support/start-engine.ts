import type OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { createEngine, type Engine, type EngineOptions } from '../create-engine.ts';
import { sqlite } from '../storage/sqlite.ts';
import { fakeInterpreter } from './fake-interpreter.ts';

/** An engine in memory, closed when the test is over, with the official client and an assistant. */
export interface StartedEngine {
  engine: Engine;
  openai: OpenAI;
  threads: OpenAI['beta']['threads'];
  /** Makes a thread with one user message. */
  thread(text?: string): Promise<string>;
  /** Makes an assistant and gives its id. */
  assistant(settings?: Partial<OpenAI.Beta.AssistantCreateParams>): Promise<string>;
  /** A run's events as they are on the wire: of a stream that a request answers with, up to `done`. */
  events(path: string, init?: RequestInit): Promise<WireEvent[]>;
}

export interface WireEvent {
  id: string | undefined;
  event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into data of any shape
  data: any;
}

export function startEngine(options: EngineOptions = {}): StartedEngine {
  const engine = createEngine({
    storage: sqlite(':memory:'),
    codeInterpreter: fakeInterpreter(() => ({})),
    log: () => {},
    ...options,
  });
  onTestFinished(() => engine.close());
  const openai = engine.openai();
  return {
    engine,
    openai,
    threads: openai.beta.threads,
    async thread(text = 'Hi') {
      const { id } = await openai.beta.threads.create({ messages: [{ role: 'user', content: text }] });
      return id;
    },
    async assistant(settings = {}) {
      const { id } = await openai.beta.assistants.create({ model: 'any', ...settings });
      return id;
    },
    async events(path, init) {
      const headers = { 'content-type': 'application/json', ...init?.headers };
      const response = await engine.fetch(`http://engine.local/v1${path}`, { ...init, headers });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      return parseEvents(await response.text());
    },
  };
}

/** The frames of an event stream that has come to its end. */
export function parseEvents(text: string): WireEvent[] {
  const events = toEvents(text);
  if (events.at(-1)?.event !== 'done') throw new Error('The stream ended without `done`.');
  return events.slice(0, -1);
}

/** The frames of a piece of an event stream. */
export function toEvents(text: string): WireEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '' && !frame.startsWith(':'))
    .map((frame) => {
      const field = (name: string) =>
        frame
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field('data')!;
      return { id: field('id'), event: field('event')!, data: data === '[DONE]' ? data : JSON.parse(data) };
    });
}

/** Waits until the condition holds, turn by turn of the event loop; the test's own timeout bounds it. */
export async function until<T>(
  condition: () => T | Promise<T>,
): Promise<Exclude<T, false | null | undefined>> {
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined>;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
