import { afterEach, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { timeIsUp } from './max-duration.ts';

let chat: Chat | undefined;
afterEach(async () => {
  await chat?.close();
  chat = undefined;
});

function start(options: Partial<ChatOptions>): void {
  chat = startChat({ turns: [() => 'Fine.'], ...options });
}

describe('a function whose time is limited', () => {
  it('ends its stream before that, and the reader comes back for exactly the rest, whatever the policy', async () => {
    const gate = Promise.withResolvers<void>();
    const parts = [{ text: ['One', ' two'] }, { wait: gate.promise }, { text: ' three' }];
    start({ turns: [{ parts }], maxDuration: 2, onDisconnect: 'cancel' });
    const first = await (await chat!.say('Hi')).text();
    expect(first).toContain('two');
    expect(first).not.toMatch(/"type":"(finish|abort|error)"|\[DONE\]/);
    const last = [...first.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
    const threadId = /thread_\w+/.exec(first)![0];
    gate.resolve();
    const resumed = await chat!.send('GET', `/threads/${threadId}/stream`, {
      headers: { 'last-event-id': last },
    });
    const rest = await resumed.text();
    expect(rest).toMatch(/"delta":" three"/);
    expect(rest).not.toMatch(/"delta":"One/);
    expect(rest).toMatch(/"runStatus":"completed"[^]*\[DONE\]/);
  });

  it('tells a page of ai@4, which cannot come back, that the rest is missing, and the run goes on', async () => {
    const gate = Promise.withResolvers<void>();
    const parts = [{ text: ['One', ' two'] }, { wait: gate.promise }, { text: ' three' }];
    start({ turns: [{ parts }], maxDuration: 2, onDisconnect: 'cancel' });
    const response = await chat!.send('POST', '', { body: { threadId: null, message: 'Hi' } });
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('0:')).join('')).toBe('0:"One"0:" two"');
    expect(lines.at(-1)).toBe(`3:${JSON.stringify(timeIsUp)}`);
    expect(lines.filter((line) => line.startsWith('3:'))).toHaveLength(1);
    const threadId = response.headers.get('x-assistant-thread')!;
    gate.resolve();
    await expect
      .poll(async () => (await (await chat!.send('GET', `/threads/${threadId}`)).json()).run.status)
      .toBe('completed');
  });

  it.each(['v1', 'v4'])('says nothing of it in an answer of %s that is done in time', async (protocol) => {
    start({ maxDuration: 60 });
    const body = { threadId: null, message: 'Hi' };
    const response = protocol === 'v4' ? await chat!.send('POST', '', { body }) : await chat!.say('Hi');
    const wire = await response.text();
    expect(wire).toContain('Fine.');
    expect(wire).not.toContain(timeIsUp);
  });
});
