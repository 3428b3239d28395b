import { expect, test, vi } from 'vitest';
import { createStore } from './store.ts';

function setUp(prepare?: (state: { count: number }) => { count: number }) {
  const tasks = new Set<() => void>();
  const scheduler = {
    schedule(task: () => void) {
      tasks.add(task);
      return () => void tasks.delete(task);
    },
  };
  const store = createStore({ count: 0 }, prepare ? { scheduler, prepare } : { scheduler });
  return { store, tasks, runFrame: () => Array.from(tasks).forEach((task) => task()) };
}

test('Many changes are one notification, and the snapshot changes only with it.', () => {
  const { store, runFrame } = setUp();
  const listener = vi.fn();
  store.subscribe(listener);
  const before = store.getSnapshot();
  store.set({ count: 1 });
  store.set({ count: 2 });
  expect(store.getSnapshot()).toBe(before);
  runFrame();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(store.getSnapshot()).toEqual({ count: 2 });
  expect(before).toEqual({ count: 0 });
});

test('A flush tells at once, and the frame that was asked for is given up.', () => {
  const { store, tasks } = setUp();
  const listener = vi.fn();
  store.subscribe(listener);
  store.set({ count: 1 });
  store.flush();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(tasks.size).toBe(0);
});

test('A frame in which nothing has changed tells nobody.', () => {
  const { store, runFrame } = setUp();
  const listener = vi.fn();
  store.subscribe(listener);
  store.touch();
  runFrame();
  expect(listener).not.toHaveBeenCalled();
});

test('What changed between the first look and the subscription is there at the second look.', () => {
  const { store, tasks } = setUp();
  const first = store.getSnapshot();
  store.set({ count: 1 });
  expect(tasks.size).toBe(0);
  store.subscribe(() => {});
  expect(store.getSnapshot()).not.toBe(first);
  expect(store.getSnapshot()).toEqual({ count: 1 });
});

test('The snapshot is the same object until something changes.', () => {
  const { store } = setUp((state) => state);
  expect(store.getSnapshot()).toBe(store.getSnapshot());
});

test('The last listener takes the frame along that was asked for.', () => {
  const { store, tasks } = setUp();
  const leave = store.subscribe(() => {});
  store.set({ count: 1 });
  leave();
  expect(tasks.size).toBe(0);
  expect(store.getSnapshot()).toEqual({ count: 1 });
});

test('The initial snapshot stays, for the page that hydrates late.', () => {
  const { store } = setUp();
  store.set({ count: 1 });
  store.flush();
  expect(store.getInitialSnapshot()).toEqual({ count: 0 });
});

test('What is costly is prepared once for each publication.', () => {
  const prepare = vi.fn((state: { count: number }) => state);
  const { store, runFrame } = setUp(prepare);
  store.subscribe(() => {});
  prepare.mockClear();
  for (let count = 0; count < 100; count += 1) store.touch();
  runFrame();
  expect(prepare).toHaveBeenCalledTimes(1);
});
