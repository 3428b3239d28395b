import { useAssistant as useRemoved } from '@ai-sdk/react-v4';
import { act, renderHook, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useAssistant } from './index.ts';
import type { UseAssistantHelpers, UseAssistantOptions } from './index.ts';

const control = '5:{"threadId":"thread_1","messageId":"msg_user"}\n';
const begin = '4:{"id":"msg_1","role":"assistant","content":[{"type":"text","text":{"value":"A "}}]}\n';

interface Scene {
  name: string;
  responses: (() => Response | Promise<Response>)[];
  act: (hook: { current: UseAssistantHelpers }) => Promise<void>;
  options?: Partial<UseAssistantOptions>;
}

const streams = (...bodies: string[]) =>
  bodies.map(
    (body) => () => new Response(body, { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  );

const ask: Scene['act'] = (hook) => act(() => hook.current.append({ role: 'user', content: 'Hi' }));

const scenes: Scene[] = [
  { name: 'a streamed answer', responses: streams(`${control}${begin}0:"good "\n0:"day"\n`), act: ask },
  { name: 'no line feed at the end', responses: streams(`${control}${begin}0:"day"`), act: ask },
  {
    name: 'a data message after the text',
    responses: streams(`${control}${begin}0:"x"\n6:{"role":"data","data":{"a":[1,null]}}\n`),
    act: ask,
  },
  {
    name: 'a data message with an id',
    responses: streams(`${control}6:{"id":"d","role":"data","data":1}\n`),
    act: ask,
  },
  {
    name: 'two messages of the assistant',
    responses: streams(`${control}${begin}0:"x"\n${begin.replace('msg_1', 'msg_2')}0:"y"\n`),
    act: ask,
  },
  { name: 'an error part', responses: streams(`${control}${begin}0:"x"\n3:"Broken"\n`), act: ask },
  { name: 'a refusal', responses: [() => new Response('No such assistant', { status: 404 })], act: ask },
  { name: 'no body', responses: [() => new Response(null, { status: 200 })], act: ask },
  { name: 'no connection', responses: [() => Promise.reject(new TypeError('fetch failed'))], act: ask },
  { name: 'an unknown part', responses: streams('2:[1]\n'), act: ask },
  { name: 'a line without a code', responses: streams('hello\n'), act: ask },
  { name: 'a text that is none', responses: streams('0:1\n'), act: ask },
  {
    name: 'a second message into the same thread',
    responses: streams(
      `${control}${begin}`,
      `${control.replace('user', 'user_2')}${begin.replace('_1', '_2')}`,
    ),
    act: async (hook) => {
      await act(() => hook.current.append({ role: 'user', content: 'One' }));
      await act(() => hook.current.append({ role: 'user', content: 'Two' }, { data: { a: 'b' } }));
    },
  },
  {
    name: 'the form, with blanks that are sent',
    responses: streams(`${control}${begin}`),
    act: async (hook) => {
      act(() => hook.current.setInput('  '));
      await act(() => hook.current.submitMessage(undefined, { data: { a: 'b' } }));
    },
  },
  { name: 'an empty form', responses: [], act: (hook) => act(() => hook.current.submitMessage()) },
  {
    name: 'settings of the request',
    responses: streams(`${control}${begin}`),
    act: ask,
    options: {
      headers: { 'x-app': 'yes' },
      body: { extra: 1 },
      credentials: 'include',
      threadId: 'thread_0',
    },
  },
  {
    name: 'a new thread, then another one',
    responses: streams(`${control}${begin}`, `${control}${begin}`, `${control}${begin}`),
    act: async (hook) => {
      await act(() => hook.current.append({ role: 'user', content: 'One' }));
      act(() => hook.current.setThreadId(undefined));
      await act(() => hook.current.append({ role: 'user', content: 'Two' }));
      act(() => hook.current.setThreadId('thread_9'));
      await act(() => hook.current.append({ role: 'user', content: 'Three' }));
    },
  },
  {
    name: 'a message with an id of the caller',
    responses: streams(begin),
    act: (hook) => act(() => hook.current.append({ id: 'mine', role: 'user', content: 'Hi' })),
  },
];

async function play(hook: (options: UseAssistantOptions) => UseAssistantHelpers, scene: Scene) {
  const requests: unknown[] = [];
  const responses = scene.responses.slice();
  const fetch = (async (url: string, { method, headers, body, credentials }: RequestInit) => {
    const fields = Array.from(new Headers(headers));
    requests.push({ url, method, headers: fields, body, credentials });
    return responses.shift()!();
  }) as typeof globalThis.fetch;
  const errors: string[] = [];
  const { result, unmount } = renderHook(() =>
    hook({ api: '/api/a', fetch, onError: ({ message }) => errors.push(message), ...scene.options }),
  );
  const before = { ...result.current };
  await scene.act(result);
  // The removed hook's submitMessage does not wait for its answer.
  await waitFor(() => expect(result.current.status).toBe('awaiting_message'));
  const { messages, threadId, input, status, error } = result.current;
  unmount();
  const known = /^(?:msg_|mine|d$)/;
  return {
    requests,
    errors,
    functions: Object.keys(before).toSorted(),
    ids: messages.map(({ id }) => (known.test(id) ? id : id.length)),
    messages: messages.map((message) =>
      Object.fromEntries(Object.entries(message).filter(([key]) => key !== 'id')),
    ),
    state: { threadId, input, status, error: error?.message },
  };
}

test.each(scenes)('$name: requests, messages and state are those of the removed hook.', async (scene) => {
  const expected = await play(useRemoved as never, scene);
  const actual = await play(useAssistant, scene);
  expect(actual.requests).toEqual(expected.requests);
  expect(actual.messages).toEqual(expected.messages);
  expect(actual.ids).toEqual(expected.ids);
  expect(actual.state).toEqual(expected.state);
  expect(actual.functions).toEqual(expected.functions);
});
