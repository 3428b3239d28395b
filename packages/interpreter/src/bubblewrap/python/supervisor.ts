import { filesSource } from './files.ts';

/**
 * The first process of the sandbox. It alone speaks with the host; it starts the kernel that runs the code, carries
 * what that prints and the files that it writes, counts memory and files, and ends what the code leaves behind.
 * The code can neither signal it (the kernel protects the first process of a namespace) nor look into it (it is not
 * dumpable), though both have the same user.
 */
export const supervisorSource: string = String.raw`
import ctypes
import json
import os
import resource
import select
import signal
import stat
import struct
import sys
import time
import _socket
import _thread
from _blake2 import blake2b  # hashlib would load OpenSSL first

HOST = 3
DATA = "/mnt/data"
PLACES = (DATA, "/tmp", "/dev/shm")
TICKS = os.sysconf("SC_CLK_TCK")
CONTROL_LIMIT = 4 << 20
REST_SECONDS = 2
RACY = 50_000_000
KERNEL, MODULES, LIMITS = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sending = _thread.allocate_lock()
ending = _thread.allocate_lock()  # whoever takes it ends this process


class Ended(Exception):
    pass


def protect():
    for number in (signal.SIGINT, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        # The first to go when the machine runs out of memory.
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")
    except OSError:
        pass
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: neither ptrace nor /proc/1/fd
    os.set_blocking(HOST, True)
    os.closerange(4, 64)


def read_exactly(fd, count):
    parts = bytearray()
    while len(parts) < count:
        part = os.read(fd, min(count - len(parts), 1 << 20))
        if not part:
            raise Ended("end of stream")
        parts += part
    return bytes(parts)


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def send(kind, *parts):
    with sending:
        write_all(HOST, struct.pack(">cI", kind, sum(map(len, parts))))
        for part in parts:
            write_all(HOST, part)


class Kernel:
    """The process that runs the code."""

    def __init__(self):
        self.out, out = os.pipe()
        self.err, err = os.pipe()
        control, theirs = _socket.socketpair()
        self.control = control.detach()
        theirs = theirs.detach()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(out, err, theirs)
            finally:
                os._exit(127)
        for fd in (out, err, theirs):
            os.close(fd)
        for fd in (self.out, self.err):
            os.set_blocking(fd, False)

    def _become(self, out, err, control):
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.dup2(control, 3)
        os.closerange(4, 256)
        os.nice(5)
        memory = LIMITS["memoryBytes"]
        for name, value in {
            "CORE": 0,
            "DATA": memory + (256 << 20),  # libraries reserve more than they use
            "AS": 4 * memory + (4 << 30),
            "FSIZE": LIMITS["fileBytes"],
            "NPROC": LIMITS["processes"],
            "NOFILE": 256,
            "MSGQUEUE": 0,
            "MEMLOCK": 0,
        }.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        os.execve(sys.executable, [sys.executable, "-I", "-u", "-c", KERNEL, MODULES], os.environ)

    def ask(self, code):
        try:
            write_all(self.control, struct.pack(">I", len(code)) + code)
        except OSError:
            pass  # it is gone, which the next look tells

    def answer(self):
        (size,) = struct.unpack(">I", self._read(4))
        if size > CONTROL_LIMIT:
            raise Ended("an answer without end")
        answer = json.loads(self._read(size))
        return answer if isinstance(answer, dict) else {}

    def _read(self, count):
        """Half an answer must not keep the supervisor from its other duties."""
        data = b""
        while len(data) < count:
            if not select.select([self.control], [], [], 1)[0]:
                raise Ended("half an answer")
            part = os.read(self.control, count - len(data))
            if not part:
                raise Ended("the kernel is gone")
            data += part
        return data

    def computed(self):
        with open(f"/proc/{self.pid}/stat") as status:
            fields = status.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        """Holds it still, so that nothing changes while files are read."""
        os.kill(self.pid, signal.SIGSTOP)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            pid, _ = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                return
            time.sleep(0.0005)
        raise Ended("it does not stand still")

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)


def others(*known):
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in known]


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def is_dead(pid):
    """Whether only its entry is left, for a parent that has not asked yet."""
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def end_others(kernel):
    """Ends every process but the kernel; it stands still, so at some time there is none left to fork."""
    for _ in range(200):
        left = [pid for pid in others(1, kernel.pid) if not is_dead(pid)]
        if not left:
            return
        for pid in left:
            kill(pid)
        reap(kernel)
        time.sleep(0.001)
    raise Ended("processes that cannot be ended")


def reap(kernel):
    """Buries orphans; says whether the kernel is among the dead."""
    for pid in others(1):
        try:
            dead, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue
        if dead == kernel.pid:
            return True
    return False


def tell_bytes(pid, file, *fields):
    with open(f"/proc/{pid}/{file}", errors="replace") as lines:
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(fields))


def held_by(pid, is_shared=False):
    """Bytes in memory, or put out of it: a process may ask for that itself."""
    try:
        if is_shared:
            return tell_bytes(pid, "smaps_rollup", "Pss:", "SwapPss:")
    except OSError:
        pass
    try:
        return tell_bytes(pid, "status", "VmRSS:", "VmSwap:")
    except OSError:
        return 0


def held():
    """Bytes that all processes hold; what several share is counted once where the system tells."""
    pids = others(1)
    total = sum(map(held_by, pids))
    if total <= LIMITS["residentBytes"] or len(pids) == 1:
        return total
    return sum(held_by(pid, is_shared=True) for pid in pids)


def excess():
    if held() > LIMITS["residentBytes"]:
        return b"memory"
    for place in PLACES:
        used = os.statvfs(place)
        if used.f_files - used.f_ffree > LIMITS["files"] * 4 + 256:
            return b"files"
    return None


def guard():
    """
    Counts in a thread of its own: large files, and a kernel that does not listen, can keep the rest of the supervisor
    busy, and in that time the code could take all of the host's memory.
    """
    try:
        why = None
        while why is None:
            time.sleep(0.1)
            why = excess()
        ending.acquire()
        os.kill(-1, signal.SIGKILL)
        send(b"X", why)
    finally:
        os._exit(1)


${filesSource}

class Supervisor:
    def __init__(self):
        self.kernel = Kernel()
        self.files = Files()
        self.run = None
        self.sent = self.omitted = 0
        self.deadline = 0
        self.is_ready = False
        self.rested = None
        self.next_carry = 0

    def serve(self):
        kernel = self.kernel
        poll = select.poll()
        for fd in (HOST, kernel.out, kernel.err, kernel.control):
            poll.register(fd, select.POLLIN)
        next_look = 0
        while True:
            ready = dict(poll.poll(100 if self.run is not None else 1_000))
            for fd, kind in ((kernel.out, b"O"), (kernel.err, b"E")):
                if fd in ready and not self.relay(fd, kind):
                    poll.unregister(fd)
            if kernel.control in ready:
                self.hear_kernel()
            if HOST in ready:
                self.hear_host()
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + (0.1 if self.run is not None else 1)
                self.look()

    def relay(self, fd, kind):
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return True
        if not data:
            return False
        if self.run is None:
            return True
        head = struct.pack(">I", self.run)
        kept = data[: max(0, LIMITS["outputBytes"] - self.sent)]
        if len(kept) < len(data):
            if self.omitted == 0:
                send(b"C", head)
            self.omitted += len(data) - len(kept)
        self.sent += len(kept)
        if kept:
            send(kind, head, kept)
        return True

    def drain(self):
        for fd, kind in ((self.kernel.out, b"O"), (self.kernel.err, b"E")):
            for _ in range(64):
                if not select.select([fd], [], [], 0)[0] or not self.relay(fd, kind):
                    break

    def hear_host(self):
        kind, size = struct.unpack(">cI", read_exactly(HOST, 5))
        payload = read_exactly(HOST, size)
        if kind == b"P":
            (length,) = struct.unpack_from(">H", payload)
            self.files.put(payload[2 : 2 + length].decode(), payload[2 + length :])
        elif kind == b"R":
            self.run, milliseconds = struct.unpack_from(">II", payload)
            self.deadline = time.monotonic() + milliseconds / 1000
            self.sent = self.omitted = 0
            self.next_carry = time.monotonic() + 0.5
            if reap(self.kernel):
                raise Ended("the kernel is gone")
            # Before the code is handed over: who has not heard it may be sure that nothing of the code was carried out.
            send(b"S", payload[:4])
            self.kernel.ask(payload[8:])

    def hear_kernel(self):
        kernel = self.kernel
        try:
            answer = kernel.answer()
        except Ended:
            self.drain()
            raise
        if not self.is_ready:
            self.is_ready = True
            send(b"B")
            return
        if self.run is None:
            return  # nobody has asked
        kernel.stop()
        end_others(kernel)
        self.drain()
        removed, refused = self.files.carry_out(self.run, self.mapped())
        kernel.go_on()
        result = {
            "type": "result",
            "id": self.run,
            "value": answer.get("value"),
            "traceback": answer.get("traceback"),
            "omittedBytes": self.omitted,
            "removed": removed,
            "refused": refused,
        }
        self.run = None
        self.rested = kernel.computed()
        send(b"D", json.dumps(result).encode())

    def mapped(self):
        """Files that the kernel has mapped into its memory."""
        with open(f"/proc/{self.kernel.pid}/maps", errors="surrogateescape") as lines:
            return {line.split(None, 5)[5].rstrip("\n") for line in lines if f" {DATA}/" in line}

    def look(self):
        kernel = self.kernel
        if reap(kernel):
            self.drain()
            raise Ended("the kernel is gone")
        if self.run is not None and time.monotonic() > self.deadline:
            raise Ended("nobody has ended it in time")
        if self.run is not None and time.monotonic() > self.next_carry:
            self.files.carry_early(self.run, lambda: self.mapped() | written_now())
            self.next_carry = time.monotonic() + 0.5
        if self.run is None and self.rested is not None:
            for pid in others(1, kernel.pid):
                kill(pid)
            if kernel.computed() - self.rested > REST_SECONDS:
                raise Ended("it computes though nobody asks")


try:
    protect()
    supervisor = Supervisor()
    _thread.start_new_thread(guard, ())
    supervisor.serve()
except Ended as end:
    sys.stderr.write(str(end))
except BaseException as error:
    sys.stderr.write(f"{type(error).__name__}: {error}")
finally:
    sys.stderr.flush()
    ending.acquire()
    os._exit(1)
`;
