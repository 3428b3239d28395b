import { describe, expect, it } from 'vitest';
import { seccompFilter } from './seccomp.ts';

const kill = 0x80000000;
const refuse = 0x00050001;
const allow = 0x7fff0000;

/** What the kernel would do: the few instructions of its packet filter that ours are made of. */
function evaluate(filter: Buffer, call: { processor: number; number: number; argument?: number }): number {
  const data: Record<number, number> = { 0: call.number, 4: call.processor, 16: call.argument ?? 0 };
  let value = 0;
  for (let index = 0; index * 8 < filter.length; index += 1) {
    const code = filter.readUInt16LE(index * 8);
    const operand = filter.readUInt32LE(index * 8 + 4);
    if (code === 0x06) return operand;
    if (code === 0x20) value = data[operand]!;
    else {
      const isMet = code === 0x15 ? value === operand : value >= operand;
      index += filter.readUInt8(index * 8 + (isMet ? 2 : 3));
    }
  }
  throw new Error('The filter has no end.');
}

describe.each([
  {
    name: 'x64',
    processor: 0xc000003e,
    sockets: [41, 53],
    limits: 302,
    read: 0,
    ptrace: 101,
    last: 156,
    shared: 447,
  },
  {
    name: 'arm64',
    processor: 0xc00000b7,
    sockets: [198, 199],
    limits: 261,
    read: 63,
    ptrace: 117,
    last: 262,
    shared: 447,
  },
] as const)('the filter for $name', ({ name, processor, sockets, limits, read, ptrace, last, shared }) => {
  const filter = seccompFilter(name)!;
  const answer = (number: number, argument?: number) =>
    evaluate(filter, { processor, number, ...(argument === undefined ? {} : { argument }) });

  it('lets ordinary calls through and refuses those on its list, from the first to the last', () => {
    expect(answer(read)).toBe(allow);
    for (const number of [425, ptrace, last, shared]) expect(answer(number)).toBe(refuse);
  });

  it.each(sockets)('opens sockets of this machine only, one or a pair (call %i)', (socket) => {
    expect(answer(socket, 1)).toBe(allow);
    for (const family of [0, 2, 10, 16, 17, 30, 38, 40]) expect(answer(socket, family)).toBe(refuse);
  });

  it("lets a process set its own limits and nobody else's", () => {
    expect(answer(limits, 0)).toBe(allow);
    for (const id of [1, 2, 0xffffffff]) expect(answer(limits, id)).toBe(refuse);
  });

  it('kills what calls as another processor would', () => {
    expect(evaluate(filter, { processor: 0x40000003, number: read })).toBe(kill);
  });
});

it('refuses the second set of numbers that x64 has', () => {
  expect(evaluate(seccompFilter('x64')!, { processor: 0xc000003e, number: 0x40000000 })).toBe(refuse);
});

it('is none for a processor whose numbers are not known', () => {
  expect(seccompFilter('riscv64')).toBeUndefined();
});
