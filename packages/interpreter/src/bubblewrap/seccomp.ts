/** A processor's name for itself and its numbers of the system calls that the sandbox refuses. */
interface Processor {
  /** `AUDIT_ARCH_…` of linux/audit.h. */
  audit: number;
  /** The calls that are looked at closer, socket and socketpair: only those of this machine's own kind may be opened. */
  sockets: [number, number];
  /** prlimit64, by which a process may set the limits of another of its user: only its own are its to set. */
  limits: number;
  refused: number[];
}

/** Numbers that all processors share: mounts of the new kind, io_uring, pidfd_getfd, quotactl_fd, memfd_secret. */
const shared = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 443, 447];

const processors: Partial<Record<NodeJS.Architecture, Processor>> = {
  x64: {
    audit: 0xc000003e,
    sockets: [41, 53],
    limits: 302,
    refused: [
      shared,
      // Looking into other processes: ptrace, process_vm_readv and _writev, kcmp.
      [101, 310, 311, 312],
      // Keys, and the parts of the kernel with the longest record of holes: bpf, userfaultfd, perf_event_open.
      [248, 249, 250, 321, 323, 298],
      // Mounts, roots, namespaces, files by handle.
      [165, 166, 155, 161, 272, 308, 303, 304],
      // Memory that no limit of this sandbox counts: memfd_create, System V shared memory, semaphores, messages.
      [319, 29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71],
      // The machine itself: kexec, modules, swap, reboot, names, ports, accounts, clocks, log, old and odd calls.
      [246, 320, 174, 175, 176, 313, 167, 168, 169, 170, 171, 172, 173, 163, 179, 180, 212, 154],
      [103, 164, 227, 159, 305, 256, 279, 153, 300, 134, 136, 156],
    ].flat(),
  },
  arm64: {
    audit: 0xc00000b7,
    sockets: [198, 199],
    limits: 261,
    refused: [
      shared,
      [117, 270, 271, 272],
      [217, 218, 219, 280, 282, 241],
      [40, 39, 41, 51, 97, 268, 264, 265],
      [279, 194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189],
      [104, 294, 105, 106, 273, 224, 225, 142, 161, 162, 89, 60, 18],
      [116, 170, 112, 171, 266, 238, 239, 58, 262],
    ].flat(),
  },
};

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const answer = 0x06;
const allow = 0x7fff0000;
const refuse = 0x00050001; // EPERM
const kill = 0x80000000;
const offsets = { number: 0, processor: 4, firstArgument: 16 };
const unixSockets = 1;
const itself = 0;

/**
 * The filter of system calls, as `bwrap --seccomp` reads it: a program for the kernel's classic packet filter.
 * Undefined for a processor whose numbers are not written down here.
 */
export function seccompFilter(name: NodeJS.Architecture = process.arch): Buffer | undefined {
  const processor = processors[name];
  if (processor === undefined) return undefined;
  const { audit, sockets, limits, refused } = processor;
  // Calls of x32, which have their own numbers on the same processor.
  const other = name === 'x64' ? [[jumpIfAtLeast, 0x40000000]] : [];
  const checks = [...other, ...refused.map((number) => [jumpIfEqual, number])] as [number, number][];
  const program: [code: number, yes: number, no: number, value: number][] = [
    [load, 0, 0, offsets.processor],
    [jumpIfEqual, 1, 0, audit],
    [answer, 0, 0, kill],
    [load, 0, 0, offsets.number],
    // After the checks: three jumps, two for sockets, two for limits, one to allow; then comes the refusal.
    ...checks.map(([code, value], index): [number, number, number, number] => [
      code,
      checks.length - index - 1 + 8,
      0,
      value,
    ]),
    [jumpIfEqual, 2, 0, sockets[0]],
    [jumpIfEqual, 1, 0, sockets[1]],
    [jumpIfEqual, 2, 4, limits],
    [load, 0, 0, offsets.firstArgument],
    [jumpIfEqual, 2, 3, unixSockets],
    [load, 0, 0, offsets.firstArgument],
    [jumpIfEqual, 0, 1, itself],
    [answer, 0, 0, allow],
    [answer, 0, 0, refuse],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, yes, no, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
