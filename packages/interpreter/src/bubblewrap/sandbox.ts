import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { kernelSource } from './python/kernel.ts';
import { supervisorSource } from './python/supervisor.ts';
import { chartsSource } from '../sessions/python/charts/charts.ts';
import { figuresSource } from '../sessions/python/figures.ts';
import { mebibyte } from '../sessions/limits.ts';
import type { BubblewrapSettings } from './options.ts';

/** The numbers under which bwrap and what it starts find their open files. */
export const descriptors = { host: 3, filter: 4, info: 5 };

/** What every program in the sandbox finds in its environment; nothing of the host's is passed on. */
const environment: Record<string, string> = {
  PATH: '/usr/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  PYTHONDONTWRITEBYTECODE: '1',
  MPLBACKEND: 'module://_figures',
  MPLCONFIGDIR: '/tmp/.matplotlib',
  // As many threads as the machine has processors would each reserve memory and count as a process.
  OPENBLAS_NUM_THREADS: '2',
  OMP_NUM_THREADS: '2',
  MALLOC_ARENA_MAX: '2',
};

/** What Python and its packages read beside `/usr`, where it exists. */
const readable = ['/etc/alternatives', '/etc/fonts', '/etc/matplotlibrc', '/etc/ld.so.cache'];
const besideUsr = ['/bin', '/sbin', '/lib', '/lib32', '/lib64'];
/** Files of the host's administrator below `/usr`, and what a program needs of neither. */
const emptied = ['/usr/local', '/usr/src', '/usr/share/doc'];
/** What `/proc` tells of the host and not of the sandbox. */
const masked = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/bus',
  '/proc/cmdline',
  '/proc/config.gz',
  '/proc/diskstats',
  '/proc/fs',
  '/proc/interrupts',
  '/proc/iomem',
  '/proc/ioports',
  '/proc/kallsyms',
  '/proc/kcore',
  '/proc/key-users',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/modules',
  '/proc/partitions',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/swaps',
  '/proc/timer_list',
];

const modules = JSON.stringify({ _figures: figuresSource, charts: chartsSource });

/** The arguments with which bwrap starts the supervisor. */
export function toArguments(settings: BubblewrapSettings, hasFilter: boolean): string[] {
  const { python, readOnlyPaths, totalSizeLimit, fileCountLimit } = settings;
  // A file takes whole pages.
  const dataSize = totalSizeLimit + fileCountLimit * 4096 + mebibyte;
  const isUsed = (directory: string): boolean =>
    [python, ...readOnlyPaths].some((path) => `${path}/`.startsWith(`${directory}/`));
  const memory = (size: number, path: string): string[] => ['--size', String(size), '--tmpfs', path];
  const empty = emptied.filter((path) => existsSync(/* turbopackIgnore: true */ path) && !isUsed(path));
  return [
    // Processes, network, users, mounts, host name, System V objects and control groups of its own.
    [
      '--unshare-all',
      '--unshare-user',
      '--disable-userns',
      '--cap-drop',
      'ALL',
      '--uid',
      '65534',
      '--gid',
      '65534',
    ],
    ['--die-with-parent', '--new-session', '--as-pid-1', '--hostname', 'sandbox'],
    hasFilter ? ['--seccomp', String(descriptors.filter)] : [],
    ['--info-fd', String(descriptors.info), '--clearenv'],
    Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ['--ro-bind', '/usr', '/usr'],
    besideUsr.flatMap(mirror),
    readable.flatMap((path) => ['--ro-bind-try', path, path]),
    empty.flatMap((path) => memory(4096, path).concat('--remount-ro', path)),
    readOnlyPaths.flatMap((path) => ['--ro-bind', path, path]),
    ['--proc', '/proc'],
    masked.flatMap(mask),
    ['--dev', '/dev', ...memory(64 * mebibyte, '/dev/shm')],
    // Terminals are few, and shared by all of the machine.
    [...memory(4096, '/dev/pts'), '--remount-ro', '/dev/pts', '--remount-ro', '/dev'],
    memory(totalSizeLimit, '/tmp'),
    ['--dir', '/mnt', ...memory(dataSize, '/mnt/data'), '--chdir', '/mnt/data'],
    // The root is memory too, and this one has no size.
    ['--remount-ro', '/'],
    [
      '--',
      python,
      '-I',
      '-S',
      '-c',
      supervisorSource,
      kernelSource,
      modules,
      JSON.stringify(toLimits(settings)),
    ],
  ].flat();
}

function toLimits(settings: BubblewrapSettings): Record<string, number> {
  const { memoryLimit, outputLimit, fileSizeLimit, totalSizeLimit, fileCountLimit, processLimit } = settings;
  return {
    memoryBytes: memoryLimit,
    // All processes together; a single one is refused memory before it comes here.
    residentBytes: memoryLimit + 384 * mebibyte,
    outputBytes: outputLimit,
    fileBytes: fileSizeLimit,
    totalBytes: totalSizeLimit,
    files: fileCountLimit,
    processes: processLimit,
  };
}

/** `/lib` and its like as they are on this machine: mostly links into `/usr`. */
function mirror(path: string): string[] {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  return entry.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

function mask(path: string): string[] {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  return entry.isDirectory()
    ? ['--size', '4096', '--tmpfs', path, '--remount-ro', path]
    : ['--ro-bind', '/dev/null', path];
}
