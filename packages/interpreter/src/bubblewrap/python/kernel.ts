import { cellSource } from '../../sessions/python/cell.ts';

/**
 * Runs cells of code in its __main__ and tells the supervisor how they ended. The code can change all of it; nothing
 * outside depends on it being honest.
 */
export const kernelSource: string = String.raw`
import ast
import builtins
import ctypes
import fcntl
import gc
import importlib.abc
import importlib.util
import io
import json
import linecache
import os
import resource
import select
import struct
import sys
import termios
import time
import traceback
import types

CONTROL = 3
DATA = "/mnt/data"
libc = ctypes.CDLL(None)
main = types.ModuleType("__main__")
main.__builtins__ = builtins
sys.modules["__main__"] = main
loop = None


class Provided(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Modules of the driver, which exist only in memory: the backend of matplotlib and the charts without it."""

    sources = json.loads(sys.argv[1])

    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, self) if name in self.sources else None

    def get_source(self, name):
        return self.sources[name]


class Stream(io.RawIOBase):
    """Standard output or error. Text reaches the supervisor by two pipes; it waits for the other to be empty first."""

    last = None

    def __init__(self, fd, other, name):
        self.fd, self.other, self.name = fd, other, name

    def writable(self):
        return True

    def fileno(self):
        return self.fd

    def write(self, data):
        if Stream.last is not self:
            Stream.last = self
            end = time.monotonic() + 1  # on a busy machine; else it is a moment
            while waiting(self.other) and time.monotonic() < end:
                time.sleep(0.0001)
        return os.write(self.fd, data)


def waiting(fd):
    count = bytearray(4)
    try:
        fcntl.ioctl(fd, termios.FIONREAD, count)
    except OSError:
        return 0
    return int.from_bytes(count, sys.byteorder)


def open_stream(fd, other, name, errors):
    # A buffer, so that what a pipe takes only in part is written on.
    buffer = io.BufferedWriter(Stream(fd, other, name))
    stream = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=True, write_through=True)
    stream.mode = "w"
    return stream


def is_usable(stream):
    try:
        return stream is not None and not stream.closed
    except ValueError:
        return False  # detached


def begin():
    for fd, spare in spares.items():
        os.dup2(spare, fd)  # whatever the code has made of it
    for name, fd, other in (("stdout", 1, 2), ("stderr", 2, 1)):
        if not is_usable(streams.get(name)):
            streams[name] = open_stream(fd, other, f"<{name}>", "replace" if fd == 1 else "backslashreplace")
        setattr(sys, name, streams[name])
        setattr(sys, f"__{name}__", streams[name])
    builtins.exit = builtins.quit = sys.exit
    os.chdir(DATA)


${cellSource}


def wait(coroutine):
    global loop
    import asyncio

    if loop is None or loop.is_closed():
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(coroutine)


def hint(module):
    return f"{module} is not available here and cannot be installed: there is no network."


def run(code, name):
    value, trace = run_cell(code, name, main.__dict__, wait, hint)
    try:
        flush_files()
        libc.fflush(None)  # what C has in its buffers
    except BaseException:
        pass
    return {"value": value, "traceback": trace}


def receive(count):
    data = b""
    while len(data) < count:
        part = os.read(CONTROL, count - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def answer(message):
    data = json.dumps(message).encode()
    data = struct.pack(">I", len(data)) + data
    while data:
        data = data[os.write(CONTROL, data) :]


def preload():
    """Imports what most code needs, in small steps, once nobody has asked for anything for a moment, until they do."""
    if resource.getrlimit(resource.RLIMIT_DATA)[0] < 512 << 20:
        return  # there may not be room for all of it
    if select.select([CONTROL], [], [], 0.3)[0]:
        return
    for name in (
        "numpy",
        "PIL.Image",
        "matplotlib",
        "matplotlib.colors",
        "matplotlib.font_manager",
        "matplotlib.image",
        "matplotlib.axes",
        "matplotlib.contour",
        "matplotlib.figure",
        "mpl_toolkits.mplot3d",
        "matplotlib.pyplot",
        "_figures",
        "dateutil.parser",
        "pytz",
        "pandas",
    ):
        if select.select([CONTROL], [], [], 0)[0]:
            return
        try:
            __import__(name)
        except Exception:
            pass


def serve():
    answer({})
    preload()
    count = 0
    while True:
        (size,) = struct.unpack(">I", receive(4))
        code = receive(size).decode()
        count += 1
        begin()
        answer(run(code, f"<cell {count}>"))


sys.argv = [""]
sys.path.append(DATA)
sys.meta_path.append(Provided())
streams = {}
spares = {fd: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in (1, 2)}
begin()
serve()
`;
