import { act, render } from '@testing-library/react';
import { memo } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFakeRoute, toTextEnd, toTextStart } from '../../client/src/test-support/fake-route.ts';
import { useAssistant } from './index.ts';
import type { ChatMessage, UseAssistantHelpers } from './index.ts';

/** A page of two hundred messages that counts how often its list and each of its messages are rendered. */
function setUp() {
  const counts = { list: 0, messages: new Map<string, number>() };
  const route = createFakeRoute();
  const earlier = Array.from({ length: 200 }, (_, index) => ({
    id: `m${index}`,
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `Message ${index}`,
  }));
  let assistant!: UseAssistantHelpers;
  const Row = memo(function Row({ message: { id, content } }: { message: ChatMessage }) {
    // oxlint-disable-next-line react/globals -- renders are what is counted
    counts.messages.set(id, (counts.messages.get(id) ?? 0) + 1);
    return <p>{content}</p>;
  });
  function List() {
    // oxlint-disable react/globals -- renders are what is counted
    counts.list += 1;
    assistant = useAssistant({ fetch: route.fetch, messages: earlier });
    // oxlint-enable react/globals
    return assistant.messages.map((message) => <Row key={message.id} message={message} />);
  }
  // Frames come every 16 ms of a clock that the test holds; streams go on by themselves.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'],
  });
  onTestFinished(() => void vi.useRealTimers());
  const { container } = render(<List />);
  return { counts, route, container, current: () => assistant };
}

test('A thousand deltas in a second render the list at most 65 times and no other message once; the end is shown at once.', async () => {
  const { counts, route, container, current } = setUp();
  let sent!: Promise<void>;
  act(() => void (sent = current().sendMessage({ text: 'Count' })));
  const stream = (await route.next('POST ')).stream();
  await act(async () => {
    stream.send(...toTextStart(''));
    await vi.advanceTimersByTimeAsync(100);
  });
  expect(current().status).toBe('streaming');
  counts.list = 0;
  counts.messages.clear();

  for (let count = 0; count < 1_000; count += 1) {
    await act(async () => {
      stream.send({ type: 'text-delta', id: 'run_1:0', delta: `${count} ` });
      await vi.advanceTimersByTimeAsync(1);
    });
  }
  const answer = current().messages.at(-1)!;
  // It is shown as it comes.
  expect(counts.list).toBeGreaterThanOrEqual(60);
  expect(counts.list).toBeLessThanOrEqual(65);
  expect([...counts.messages]).toEqual([[answer.id, counts.list]]);

  const now = performance.now();
  await act(async () => {
    stream.send({ type: 'text-delta', id: 'run_1:0', delta: 'end' }, ...toTextEnd());
    await sent;
  });
  expect(current().status).toBe('ready');
  expect(container.lastElementChild!.textContent).toMatch(/^0 1 2 .* 998 999 end$/);
  // No frame and no timer has passed.
  expect(performance.now()).toBe(now);
});
