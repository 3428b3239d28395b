import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { frameScheduler } from './scheduler.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Animation frames in the hands of the test. */
function stubFrames() {
  const frames = new Map<number, () => void>();
  let id = 0;
  vi.stubGlobal('requestAnimationFrame', (task: () => void) => (frames.set((id += 1), task), id));
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => frames.delete(handle));
  return { frames, run: () => Array.from(frames.values()).forEach((task) => task()) };
}

test('The task runs with the next animation frame, once, and leaves no timer.', () => {
  const { run, frames } = stubFrames();
  const task = vi.fn();
  frameScheduler.schedule(task);
  run();
  expect(task).toHaveBeenCalledTimes(1);
  expect([frames.size, vi.getTimerCount()]).toEqual([0, 0]);
});

test('When the frame does not come, because the page has just been hidden, a timer stands in.', () => {
  const { frames } = stubFrames();
  const task = vi.fn();
  frameScheduler.schedule(task);
  vi.advanceTimersByTime(100);
  expect(task).toHaveBeenCalledTimes(1);
  expect(frames.size).toBe(0);
});

test('A hidden page is not asked for frames.', () => {
  const { frames } = stubFrames();
  vi.stubGlobal('document', { hidden: true });
  const task = vi.fn();
  frameScheduler.schedule(task);
  expect(frames.size).toBe(0);
  vi.advanceTimersByTime(16);
  expect(task).toHaveBeenCalledTimes(1);
});

test('Where there are no frames, a timer of the same length serves.', () => {
  const task = vi.fn();
  frameScheduler.schedule(task);
  vi.advanceTimersByTime(16);
  expect(task).toHaveBeenCalledTimes(1);
});

test('A cancelled task does not run.', () => {
  const { frames } = stubFrames();
  const task = vi.fn();
  frameScheduler.schedule(task)();
  vi.advanceTimersByTime(1_000);
  expect(task).not.toHaveBeenCalled();
  expect(frames.size).toBe(0);
});
