import { afterEach, expect, it } from 'vitest';
import { readStream } from '../read-stream.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat, RuntimeChatOptions } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** Readers that come back, or come late. */
export function resuming(runtime: Runtime): void {
  let chat: RuntimeChat;
  afterEach(() => chat.close());
  const start = async (options: RuntimeChatOptions): Promise<void> => {
    chat = await startRuntimeChat(runtime, options);
  };
  const resumeAt = (threadId: string, id?: string) =>
    chat.send(
      'GET',
      `/threads/${threadId}/stream`,
      id === undefined ? {} : { headers: { 'last-event-id': id } },
    );

  /** Reads until the answer says this, and leaves. */
  async function readUntil(response: Response, word: string): Promise<string> {
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let seen = '';
    while (!seen.includes(word)) seen += decoder.decode((await reader.read()).value, { stream: true });
    await reader.cancel();
    return seen;
  }

  it('are given exactly the rest of a run that is over, from every place', async () => {
    await start({
      turns: [
        { parts: [{ call: 'code_interpreter', input: { code: 'plot()' } }] },
        { parts: [{ text: ['Here is the [clean', ' data](sandbox:/mnt', '/data/clean.csv', ').'] }] },
      ],
      python: (_code, write, files) => {
        write('plotting\n');
        files.set('clean.csv', new TextEncoder().encode('a,b\n'));
        files.set('trend.svg', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"></svg>'));
      },
    });
    const whole = await readStream(await chat.say('plot'));
    const threadId = whole.message.metadata!.threadId!;
    for (const [index, { id }] of whole.frames.slice(0, -1).entries()) {
      const rest = await readStream(await resumeAt(threadId, id), { isContinuation: true });
      expect(rest.frames).toEqual(whole.frames.slice(index + 1));
    }
    expect(await (await resumeAt(threadId, whole.frames.at(-1)!.id)).text()).toBe('data: [DONE]\n\n');
  });

  it('are given the rest of a run that goes on, as it comes', async () => {
    const gate = Promise.withResolvers<void>();
    await start({ turns: [{ parts: [{ text: 'on' }, { wait: gate.promise }, { text: 'wards' }] }] });
    const seen = await readUntil(await chat.say('Hi'), 'text-delta');
    const threadId = /thread_\w+/.exec(seen)![0];
    const [all, rest] = [
      await resumeAt(threadId),
      await resumeAt(threadId, seen.match(/(?<=^id: ).*$/gm)!.at(-1)),
    ];
    gate.resolve();
    expect((await readStream(all)).text).toBe('onwards');
    expect([...(await rest.text()).matchAll(/"delta":"(\w+)/g)].map(([, text]) => text).join('')).toBe(
      'wards',
    );
  });

  it('wait for tools that another request answers', async () => {
    await start({
      turns: [{ parts: [{ call: 'look', input: { room: 'hall' } }] }, 'Done.'],
      hooks: 'tools',
    });
    const seen = await readUntil(await chat.say('Hi'), 'requires_action');
    const place = [...seen.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
    const resumed = await resumeAt(/thread_\w+/.exec(seen)![0], place);
    const { chunks } = await readStream(resumed, { isContinuation: true });
    const deltas = chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : ''));
    expect(deltas.join('')).toBe('Done.');
  });

  it('find nothing where nothing runs, and are refused with a place that is none', async () => {
    await start({ turns: ['One.', 'Two.'] });
    const first = await readStream(await chat.say('a'));
    const other = await readStream(await chat.say('b'));
    const threadId = first.message.metadata!.threadId!;
    const statusAt = async (id?: string) => (await resumeAt(threadId, id)).status;
    expect(await statusAt()).toBe(204);
    expect(await statusAt('nonsense')).toBe(400);
    expect(await statusAt(`${other.message.id}:0.0`)).toBe(404);
    expect(await statusAt('run_unknown:0.0')).toBe(404);
    expect((await chat.send('GET', '/chat-of-use-chat/stream')).status).toBe(204);
  });
}
