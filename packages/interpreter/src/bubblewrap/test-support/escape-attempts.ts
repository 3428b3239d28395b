import { dirname } from 'node:path';
import type { EscapeAttempt, EscapeTargets } from '../../test-support/escapes.ts';

/** Calls the kernel by number, past Python's and C's own functions. `call` prints how it was refused. */
const calls = `
import ctypes, os, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
ARM = platform.machine() == "aarch64"
def call(x64, arm64, *args):
    number = arm64 if ARM else x64
    if number is None:
        print("refused: there is no such call")
        return -1
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    code = ctypes.get_errno()
    print("ESCAPED" if answer >= 0 else "refused: " + errno.errorcode.get(code, str(code)), answer)
    return answer
`;
const refusedCall = /refused: (EPERM|there is no such call)/;

const readsNothing = (path: string): string => `
try:
    with open(${JSON.stringify(path)}, "rb") as thing:
        content = thing.read(4096)
    print("ESCAPED" if content else "empty", content[:80])
except OSError as error:
    print("refused", error)`;

const writesNothing = (path: string): string => `
try:
    with open(${JSON.stringify(path)}, "wb") as thing:
        thing.write(b"1")
    print("ESCAPED")
except OSError as error:
    print("refused", error)`;

const refused = /refused|empty/;
const anyError = /Error: /;

/** Attempts that end by themselves. Each is one line of the threat list. */
export function escapeAttempts(targets: EscapeTargets): EscapeAttempt[] {
  const file = JSON.stringify(targets.canaryFile);
  const written = JSON.stringify(targets.writtenFile);
  const { port, processId, socketName } = targets;
  const rows: [title: string, code: string, refused: RegExp][] = [
    // The environment and the processes.
    [
      'the environment',
      'import os; print(sorted(os.environ)); print("ESCAPED" if any("CANARY" in k or "NODE" in k for k in os.environ) else "nothing here")',
      /nothing here/,
    ],
    ['the environment of the first process', readsNothing('/proc/1/environ'), refused],
    [
      'the environment of any process',
      `import glob
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        if b"CANARY" in open(path, "rb").read(): print("ESCAPED", path)
    except OSError: pass
print("nothing here")`,
      /nothing here/,
    ],
    ['the memory of the first process', readsNothing('/proc/1/mem'), refused],
    [
      'the open files of the first process',
      'import os; print("ESCAPED", os.listdir("/proc/1/fd"))',
      anyError,
    ],
    [
      'the root of the first process',
      'import os; print("ESCAPED", os.listdir("/proc/1/root/tmp"))',
      anyError,
    ],
    [
      'processes of the host',
      `import os; pids = [n for n in os.listdir("/proc") if n.isdigit()]; print("ESCAPED" if len(pids) > 3 else "few", pids)`,
      /few/,
    ],
    ['a process of the host by its id', readsNothing(`/proc/${processId}/environ`), refused],
    [
      'a file that the host left open',
      `import os
for fd in os.listdir("/proc/self/fd"):
    try: target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError: continue
    if not target.startswith(("pipe:", "socket:", "/dev/null", "/proc/")): print("ESCAPED", fd, target)
print("none open")`,
      /none open/,
    ],
    // Files of the host.
    ['a file of the host', `print("ESCAPED", open(${file}).read())`, /FileNotFoundError/],
    [
      'a file of the host by /proc/self/root',
      `print("ESCAPED", open("/proc/self/root" + ${file}).read())`,
      anyError,
    ],
    [
      'a file of the host by a path that climbs',
      `print("ESCAPED", open("../../../../.." + ${file}).read())`,
      anyError,
    ],
    [
      'a file of the host by a symbolic link',
      `import os; os.symlink(${file}, "link.txt"); print("ESCAPED", open("link.txt").read())`,
      anyError,
    ],
    [
      'a file of the host by a hard link',
      `import os; os.link(${file}, "hard.txt"); print("ESCAPED")`,
      anyError,
    ],
    [
      'a file of the host by its handle',
      `${calls}
handle = ctypes.create_string_buffer(b"\\x08\\0\\0\\0\\x01\\0\\0\\0" + b"\\2" + b"\\0" * 130)
call(304, 265, os.open("/usr", os.O_RDONLY), ctypes.byref(handle), 0)`,
      refusedCall,
    ],
    [
      'a link that the host would follow',
      'import os; os.symlink("/etc/hostname", "/mnt/data/name.txt"); print("laid")',
      /laid/,
    ],
    ['/etc/passwd', readsNothing('/etc/passwd'), refused],
    ['/etc/shadow', readsNothing('/etc/shadow'), refused],
    [
      'the directories of people and services',
      `import os
for name in ("/home", "/root", "/var", "/srv", "/opt", "/run", "/boot", "/sys", "/media", ${JSON.stringify(dirname(dirname(targets.canaryFile)))} + "/x"):
    if os.path.exists(name): print("ESCAPED", name)
print(os.listdir("/"), "nothing here")`,
      /nothing here/,
    ],
    [
      'what the administrator has put below /usr/local',
      'import os; found = [f for _, _, f in os.walk("/usr/local") if f]; print("ESCAPED" if found else "nothing here")',
      /nothing here/,
    ],
    [
      'a path of the host in the table of mounts',
      `print("ESCAPED" if ${JSON.stringify(dirname(targets.canaryFile))} in open("/proc/self/mountinfo").read() else "nothing here")`,
      /nothing here/,
    ],
    ...['cmdline', 'keys', 'kcore', 'config.gz', 'kallsyms', 'timer_list', 'kmsg'].map(
      (name): [string, string, RegExp] => [`/proc/${name}`, readsNothing(`/proc/${name}`), refused],
    ),
    ['a file written on the host', writesNothing(targets.writtenFile), refused],
    ['a file written below /usr', writesNothing('/usr/lib/x.py'), refused],
    ['a file written at the root', writesNothing('/x'), refused],
    ['a file written below /etc', writesNothing('/etc/x'), refused],
    ['a file written below /dev', writesNothing('/dev/x'), refused],
    ['a setting of the kernel', writesNothing('/proc/sys/kernel/core_pattern'), refused],
    ['the magic keys of the kernel', writesNothing('/proc/sysrq-trigger'), refused],
    [
      'an SQLite file on the host',
      `import sqlite3; sqlite3.connect(${written}).execute("create table t (x)"); print("ESCAPED")`,
      /OperationalError/,
    ],
    // Devices.
    [
      'a disk or other device of the host',
      `import os
for name in ("sda", "vda", "nvme0n1", "mem", "kmem", "port", "kmsg", "fuse", "kvm", "net/tun", "loop0", "vsock", "vhost-net"):
    if os.path.exists("/dev/" + name): print("ESCAPED", name)
print("nothing here")`,
      /nothing here/,
    ],
    [
      'a device that it makes itself',
      'import os, stat; os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0)); print("ESCAPED")',
      /PermissionError/,
    ],
    ['the terminal of the host', 'import os; os.open("/dev/tty", os.O_RDWR); print("ESCAPED")', anyError],
    // The network.
    [
      'a socket',
      `import socket; s = socket.create_connection(("127.0.0.1", ${port}), 2); print("ESCAPED", s.recv(10))`,
      anyError,
    ],
    [
      'a datagram',
      `import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", ${port})); print("ESCAPED")`,
      anyError,
    ],
    ['a socket of IPv6', 'import socket; socket.socket(socket.AF_INET6); print("ESCAPED")', anyError],
    [
      'a raw socket',
      'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print("ESCAPED")',
      anyError,
    ],
    [
      'a socket for packets',
      'import socket; socket.socket(17, socket.SOCK_RAW, 3); print("ESCAPED")',
      anyError,
    ],
    ['a netlink socket', 'import socket; socket.socket(16, socket.SOCK_RAW, 0); print("ESCAPED")', anyError],
    [
      'a pair of sockets of another kind',
      `import socket
try: socket.socketpair(30, socket.SOCK_SEQPACKET); print("ESCAPED")
except PermissionError: print("refused")`,
      refused,
    ],
    [
      'the host of a virtual machine by vsock',
      'import socket; s = socket.socket(40, socket.SOCK_STREAM); print("ESCAPED")',
      anyError,
    ],
    [
      'the ciphers of the kernel',
      'import socket; socket.socket(38, socket.SOCK_SEQPACKET); print("ESCAPED")',
      anyError,
    ],
    [
      'a listening socket',
      'import socket; s = socket.socket(); s.bind(("0.0.0.0", 0)); s.listen(); print("ESCAPED")',
      anyError,
    ],
    ['DNS', 'import socket; print("ESCAPED", socket.gethostbyname("example.com"))', /gaierror/],
    [
      'HTTP by urllib',
      `import urllib.request; print("ESCAPED", urllib.request.urlopen("http://127.0.0.1:${port}/", timeout=2).read())`,
      anyError,
    ],
    [
      'a socket of the host with an abstract name',
      `import socket; s = socket.socket(socket.AF_UNIX); s.connect("\\0${socketName}"); print("ESCAPED", s.recv(10))`,
      /ConnectionRefusedError/,
    ],
    [
      'a service of the host by its socket',
      'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/var/run/docker.sock"); print("ESCAPED")',
      /FileNotFoundError/,
    ],
    // Other programs.
    [
      'a file of the host by a subprocess',
      `import subprocess; r = subprocess.run(["cat", ${file}], capture_output=True, text=True); print("ESCAPED" if r.returncode == 0 else "refused", r.stderr)`,
      refused,
    ],
    [
      'os.system',
      `import os; print("ESCAPED" if os.system("touch ${targets.writtenFile}") == 0 else "refused")`,
      refused,
    ],
    [
      'ctypes and system',
      `import ctypes; print("ESCAPED" if ctypes.CDLL(None).system(b"touch ${targets.writtenFile}") == 0 else "refused")`,
      refused,
    ],
    [
      'another program in its own place',
      'import os; os.execv("/bin/sh", ["sh", "-c", "echo in sh; ls /root /home"])',
      /ended in the middle/,
    ],
    // Rights.
    ['the rights of root', 'import os; os.setuid(0); print("ESCAPED")', /Error: \[Errno/],
    [
      'capabilities',
      'status = open("/proc/self/status").read(); caps = [l for l in status.splitlines() if l.startswith(("CapEff", "CapPrm", "CapBnd"))]; print("ESCAPED" if any(int(l.split()[1], 16) for l in caps[:2]) else "none", caps)',
      /none/,
    ],
    [
      'new rights by a program that gives them',
      'import subprocess; r = subprocess.run(["su", "-c", "id"], capture_output=True, text=True); print("ESCAPED" if r.returncode == 0 else "refused", "NoNewPrivs:\\t1" in open("/proc/self/status").read())',
      /refused True/,
    ],
    [
      'a higher limit',
      'import resource; resource.setrlimit(resource.RLIMIT_NPROC, (10_000, 10_000)); print("ESCAPED")',
      /ValueError|PermissionError/,
    ],
    ['a higher priority', 'import os; os.nice(-10); print("ESCAPED")', /PermissionError/],
    [
      'a schedule of real time',
      'import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); print("ESCAPED")',
      /PermissionError/,
    ],
    // Calls of the kernel.
    ['a mount', `${calls}\ncall(165, 40, b"/usr", b"/mnt", b"", 4096, b"")`, refusedCall],
    ['a mount that can be written', `${calls}\ncall(165, 40, b"", b"/", b"", 32 | 4096, b"")`, refusedCall],
    ['what a mount hides', `${calls}\ncall(166, 39, b"/proc/kcore", 2)`, refusedCall],
    ['a mount of the new kind', `${calls}\ncall(430, 430, b"tmpfs", 0)`, refusedCall],
    ['another root', `${calls}\ncall(161, 51, b"/tmp")`, refusedCall],
    ['a namespace of users', `${calls}\ncall(272, 97, 0x10000000)`, refusedCall],
    [
      'a namespace of users for a child',
      `${calls}
child = libc.syscall(ctypes.c_long(220 if ARM else 56), ctypes.c_long(0x10000000 | 17), 0, 0, 0, 0)
if child == 0: os._exit(0)
print("ESCAPED" if child > 0 else "refused: " + errno.errorcode[ctypes.get_errno()])`,
      /refused: (ENOSPC|EPERM|EUSERS)/,
    ],
    [
      'the namespaces of another process',
      `${calls}\ncall(308, 268, os.open("/proc/self/ns/net", os.O_RDONLY), 0)`,
      refusedCall,
    ],
    ['ptrace of the first process', `${calls}\ncall(101, 117, 16, 1, 0, 0)`, refusedCall],
    ['memory of another process', `${calls}\ncall(310, 270, 1, 0, 0, 0, 0, 0)`, refusedCall],
    ['files of another process', `${calls}\ncall(438, 438, libc.syscall(434, 1, 0), 3, 0)`, refusedCall],
    ['keys of the session', `${calls}\ncall(250, 219, 11, -3, 0, 0)`, refusedCall],
    ['a key of its own', `${calls}\ncall(248, 217, b"user", b"x", b"y", 1, -3)`, refusedCall],
    ['programs in the kernel', `${calls}\ncall(321, 280, 0, 0, 0)`, refusedCall],
    ['counters of the processor', `${calls}\ncall(298, 241, 0, 0, -1, -1, 0)`, refusedCall],
    ['page faults', `${calls}\ncall(323, 282, 1)`, refusedCall],
    ['rings of requests', `${calls}\ncall(425, 425, 8, 0)`, refusedCall],
    ['files in memory that nobody counts', `${calls}\ncall(319, 279, b"x", 0)`, refusedCall],
    ['shared memory of System V', `${calls}\ncall(29, 194, 0, 1 << 30, 0o1600)`, refusedCall],
    ['messages of System V', `${calls}\ncall(68, 186, 0, 0o1600)`, refusedCall],
    ['a module of the kernel', `${calls}\ncall(313, 273, 0, b"", 0)`, refusedCall],
    ['another kernel', `${calls}\ncall(246, 104, 0, 0, 0, 0)`, refusedCall],
    ['a restart', `${calls}\ncall(169, 142, 0xfee1dead, 672274793, 0x1234567, 0)`, refusedCall],
    ['the clock', `${calls}\ncall(164, 170, 0, 0)`, refusedCall],
    ['the log of the kernel', `${calls}\ncall(103, 116, 3, 0, 0)`, refusedCall],
    ['a call by its number of another kind', `${calls}\ncall(0x40000000 + 39, None)`, refusedCall],
    // Shared memory and signals.
    [
      'shared memory of the host',
      'import os; print("ESCAPED" if os.listdir("/dev/shm") else "empty")',
      refused,
    ],
    [
      'a signal to a process of the host',
      `import os, signal; os.kill(${processId}, signal.SIGTERM); print("ESCAPED")`,
      /ProcessLookupError/,
    ],
    [
      'the end of the first process',
      'import os, signal; os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGSTOP); os.kill(1, signal.SIGINT); print("still here")',
      /still here/,
    ],
    [
      'the end of everyone',
      'import os, signal; os.kill(-1, signal.SIGKILL); print("still here")',
      /still here/,
    ],
    [
      'a priority when the memory ends',
      'open("/proc/1/oom_score_adj", "w").write("-1000"); print("ESCAPED")',
      /PermissionError/,
    ],
    [
      'the memory of the first process by a call',
      `${calls}\ncall(440, 440, libc.syscall(434, 1, 0), 0, 0, 4, 0)`,
      /refused: (EPERM|EINVAL|ESRCH|EACCES|EBADF)/,
    ],
    ...['auxv', 'map_files', 'fdinfo', 'cwd', 'ns/net', 'pagemap', 'smaps', 'task/1/environ'].map(
      (name): [string, string, RegExp] => [
        `/proc/1/${name}`,
        `import os
try: print("ESCAPED", os.listdir("/proc/1/${name}"))
except NotADirectoryError: print("ESCAPED", open("/proc/1/${name}", "rb").read(100))`,
        /PermissionError/,
      ],
    ),
    [
      'the limits of the first process',
      'import resource; print("ESCAPED", resource.prlimit(1, resource.RLIMIT_NOFILE, (10, 10)))',
      /PermissionError/,
    ],
    [
      'the first process by every signal there is',
      `${calls}
import signal
for number in range(1, 65):
    os.kill(1, number)
    libc.syscall(424, libc.syscall(434, 1, 0), number, 0, 0)
print("still here")`,
      /still here/,
    ],
    ['terminals, which all of the machine shares', 'import os; print("ESCAPED", os.openpty())', anyError],
    [
      'the program that it is, written over',
      'import os; os.open("/proc/self/exe", os.O_WRONLY); print("ESCAPED")',
      /PermissionError|Read-only|Text file busy/,
    ],
    [
      'another map of users',
      'import os; os.write(os.open("/proc/self/uid_map", os.O_WRONLY), b"0 0 1"); print("ESCAPED")',
      /PermissionError/,
    ],
    [
      'groups that the map of users keeps away',
      'open("/proc/self/setgroups", "w").write("allow"); print("ESCAPED")',
      /PermissionError/,
    ],
    [
      'its own priority when the memory ends',
      'import os; os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"); print("ESCAPED")',
      /PermissionError/,
    ],
    [
      'a namespace by the new call',
      `${calls}\ncall(435, 435, b"\\0\\0\\0\\x10" + b"\\0" * 84, 88)`,
      /refused: (ENOSPC|EPERM|EUSERS|EINVAL)/,
    ],
    ['a queue of messages', `${calls}\ncall(240, 180, b"x", 0o102, 0o600, 0)`, /refused: (EMFILE|EPERM)/],
    ['what others do with files', `${calls}\ncall(300, 262, 0, 0)`, refusedCall],
    [
      'whether processes share what they have',
      `${calls}\ncall(312, 272, 1, os.getpid(), 0, 0, 0)`,
      refusedCall,
    ],
    ['the disk before all others', `${calls}\ncall(251, 30, 1, 0, 1 << 13)`, /refused: (EPERM|EACCES)/],
    [
      'connections and sockets of the host in the tables of the network',
      `tables = "".join(open(f"/proc/net/{name}").read() for name in ("tcp", "tcp6", "unix"))
print("ESCAPED" if "${socketName}" in tables or ":" + f"{${port}:04X}" in tables else "nothing here")`,
      /nothing here/,
    ],
    [
      'disks and swap of the host in the tables of the kernel',
      `import os
for name in ("diskstats", "swaps", "partitions"):
    try:
        if open("/proc/" + name).read(): print("ESCAPED", name)
    except OSError: pass
print("ESCAPED" if os.path.exists("/proc/fs") and os.listdir("/proc/fs") else "nothing here")`,
      /nothing here/,
    ],
    [
      'a file of the supervisor, by a folder that becomes a link while it looks',
      `import os, time
os.makedirs("d")
end = time.time() + 1.5
while time.time() < end:
    with open("d/environ", "w") as file: file.write(str(time.time()))
    os.rename("d", "e"); os.symlink("/proc/self", "d"); time.sleep(0.0005); os.unlink("d"); os.rename("e", "d")
import shutil; shutil.rmtree("d")
print("nothing here")`,
      /nothing here/,
    ],
    [
      'the supervisor by pipes and sockets in the place of files',
      `import os, socket, time
os.mkfifo("pipe.csv"); socket.socket(socket.AF_UNIX).bind("/mnt/data/socket.csv")
time.sleep(0.7)
os.remove("pipe.csv"); os.remove("socket.csv")
print("nothing here")`,
      /nothing here/,
    ],
    [
      'more room than it has, by many names of one file',
      `import os
open("one", "wb").truncate(40 << 20)
for i in range(300): os.link("one", f"name{i}")
for name in os.listdir(): os.truncate(name, 0); os.remove(name)
print("removed")`,
      /removed/,
    ],
    ['its own end', 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)', /ended in the middle/],
    ['memory at no address', 'import ctypes; ctypes.string_at(0)', /ended in the middle/],
  ];
  return toAttempts(rows);
}

const limited = /was ended|were ended/;

/** Attempts that never end by themselves. */
export const floods: EscapeAttempt[] = toAttempts([
  [
    'a fork bomb',
    `import os
count = 0
while True:
    try:
        pid = os.fork()
    except OSError as error:
        if count < 3: print("refused", error)
        count += 1
        continue`,
    limited,
  ],
  [
    'a fork bomb of the shell',
    'import os; os.system("f() { f | f & f; }; f; sleep 100")\nwhile True: pass',
    limited,
  ],
  ['a flood of output', 'while True: print("x" * 1000)', /left out[^]*was ended/],
  ['a flood of output by another program', 'import os; os.system("yes")', /left out[^]*was ended/],
  [
    'a loop that hears no signal',
    'import signal\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\nwhile True: pass',
    limited,
  ],
  ['a process that stops itself', 'import os, signal; os.kill(os.getpid(), signal.SIGSTOP)', limited],
]);

/** Attempts that take all they can get, or break what holds them, and are ended for it. */
export const hoards: EscapeAttempt[] = toAttempts([
  [
    'a bomb of threads',
    `import threading, time
threads = []
try:
    while True:
        threads.append(threading.Thread(target=time.sleep, args=(100,), daemon=True)); threads[-1].start()
except RuntimeError as error:
    print("ESCAPED" if len(threads) > 100 else "refused", error)`,
    refused,
  ],
  [
    'all memory',
    'hoard = []\nwhile True: hoard.append(bytearray(10_000_000))',
    /MemoryError|too much memory/,
  ],
  [
    'all memory, by many processes',
    `import os, time
for _ in range(20):
    if os.fork() == 0:
        hoard = []
        while True:
            try: hoard.append(bytearray(1_000_000))
            except MemoryError: time.sleep(1)
time.sleep(100)`,
    limited,
  ],
  [
    'all memory, shared',
    `import mmap, time
maps = []
while True:
    maps.append(mmap.mmap(-1, 50_000_000)); maps[-1].write(b"x" * 50_000_000)`,
    /too much memory|longer than/,
  ],
  [
    'the disk',
    `import itertools
for place in ("/mnt/data", "/tmp", "/dev/shm", "/tmp/x/../.."):
    try:
        for i in itertools.count():
            with open(f"{place}/{i}", "wb") as f: f.write(b"0" * 1_000_000)
    except OSError as error: print("refused", error)
    import glob, os
    for name in glob.glob(f"{place}/[0-9]*"): os.remove(name)
print("end")`,
    /No space left[^]*No space left[^]*No space left[^]*end/,
  ],
  ['all inodes', 'for i in range(10**9): open(f"/tmp/{i}", "w").close()', /too many files/],
  [
    'all inodes, by directories',
    'import os\nfor i in range(10**9): os.mkdir(f"/dev/shm/{i}")',
    /too many files/,
  ],
  [
    'a forged answer without end',
    'import os\nwhile True:\n  os.write(3, b"\\xff" * 65536)',
    /ended in the middle|was ended/,
  ],
  [
    'a forged answer that is none',
    'import os; os.write(3, b"\\0\\0\\0\\x02[]" b"\\0\\0\\0\\x05hello")\nwhile True: pass',
    /^/,
  ],
  [
    'a forged answer with too much in it',
    'import os, json, struct\ndata = json.dumps({"value": "v" * 2_000_000}).encode(); data = struct.pack(">I", len(data)) + data\nwhile data: data = data[os.write(3, data):]\nwhile True: pass',
    /ended in the middle/,
  ],
  ['silence', 'import os; os.close(3)\nwhile True: pass', /ended in the middle/],
]);

function toAttempts(rows: [title: string, code: string, refused: RegExp][]): EscapeAttempt[] {
  return rows.map(([title, code, met]) => ({ title, code, refused: met }));
}
