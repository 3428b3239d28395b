import { dirname } from 'node:path';
import type { EscapeAttempt, EscapeTargets } from '../../test-support/escapes.ts';

const walk = `
import pyodide_js
def reach(path):
    thing = pyodide_js
    for name in path.split('.'):
        thing = getattr(thing, name)
    return thing
`;

const nodeFiles = `
import pyodide_js
from pyodide.ffi import to_js
nodefs = pyodide_js.FS.filesystems.NODEFS
def make(**members):
    return to_js(members, dict_converter=pyodide_js.constructor.fromEntries)
def at(path):
    mount = make(opts={"root": "/"})
    root = make(name="/", mode=16877)
    root.mount = mount
    root.parent = root
    node = make(name=path.lstrip("/"), mode=33188)
    node.mount = mount
    node.parent = root
    return node if path != "/" else root
def stream_of(node):
    stream = make(flags=0, shared={"refcount": 0})
    stream.node = node
    return stream
`;

/** Writes to the pipe that leads to the parent, past the child's own program. */
const pipe = `${nodeFiles}
import json, struct
def write(data):
    stream = stream_of(at("/x"))
    stream.nfd = 1
    nodefs.stream_ops.write(stream, to_js(data), 0, len(data), None)
def forge(message, body=None):
    head = json.dumps(message).encode()
    write(struct.pack(">II", len(head), 0 if body is None else len(body) + 1) + head + (body or b""))
`;

/**
 * A native module for WebAssembly that brings JavaScript along: a function `run` that returns the global object.
 *
 *     (module
 *       (import "env" "memory" (memory 1))
 *       (import "env" "__memory_base" (global $base i32))
 *       (global (export "__em_js__run") i32 (i32.const 0))
 *       (data (global.get $base) "(void)<::>{ return globalThis }\\00"))
 */
const moduleWithJavaScript =
  'AGFzbQEAAAAADwhkeWxpbmsuMAEEKAIAAAIkAgNlbnYGbWVtb3J5AgABA2Vudg1fX21lbW9yeV9iYXNlA38ABgYBfwBBAAsHEAEMX19lbV9qc19fcnVuAwELJgEAIwALICh2b2lkKTw6Oj57IHJldHVybiBnbG9iYWxUaGlzIH0A';

/** The corpus: each attempt is one line of the threat list. */
export function escapeAttempts(targets: EscapeTargets): EscapeAttempt[] {
  const file = JSON.stringify(targets.canaryFile);
  const written = JSON.stringify(targets.writtenFile);
  const folder = JSON.stringify(dirname(targets.canaryFile));
  return [
    {
      title: 'the environment',
      code: 'import os; print(dict(os.environ)); print("ESCAPED" if any("CANARY" in k or "NODE" in k for k in os.environ) else "nothing here")',
      refused: /nothing here/,
    },
    {
      title: 'a file of the host',
      code: `print("ESCAPED", open(${file}).read())`,
      refused: /FileNotFoundError/,
    },
    {
      title: 'a file of the host by file descriptor',
      code: `import os
for fd in range(3, 40):
    try: print("ESCAPED", fd, os.read(fd, 100))
    except OSError as error: pass
print("none open")`,
      refused: /none open/,
    },
    {
      title: '/etc/passwd',
      code: 'print("ESCAPED", open("/etc/passwd").read())',
      refused: /FileNotFoundError/,
    },
    {
      title: 'the process table',
      code: `print("ESCAPED", open("/proc/self/environ").read(), open("/proc/${targets.processId}/environ").read())`,
      refused: /FileNotFoundError/,
    },
    {
      title: 'a socket',
      code: `import socket; s = socket.create_connection(("127.0.0.1", ${targets.port}), 2); print("ESCAPED", s.recv(10))`,
      refused: /OSError|Error/,
    },
    {
      title: 'a socket without waiting',
      code: `import socket, time; s = socket.socket(); s.setblocking(False)
try: s.connect(("127.0.0.1", ${targets.port}))
except OSError as error: print(repr(error))
time.sleep(0.2); s.send(b"x"); print("ESCAPED")`,
      refused: /Error/,
    },
    {
      title: 'a listening socket',
      code: 'import socket; s = socket.socket(); s.bind(("0.0.0.0", 0)); s.listen(); print("ESCAPED")',
      refused: /Error|ended in the middle/,
    },
    {
      title: 'DNS',
      code: 'import socket; a = socket.gethostbyname("example.com"); print(a); socket.create_connection((a, 80), 2); print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: 'HTTP by urllib',
      code: `import urllib.request; print("ESCAPED", urllib.request.urlopen("http://127.0.0.1:${targets.port}/", timeout=2).read())`,
      refused: /Error/,
    },
    {
      title: 'HTTP by pyodide.http',
      code: `from pyodide.http import pyfetch; print("ESCAPED", (await pyfetch("http://127.0.0.1:${targets.port}/")).status)`,
      refused: /Error/,
    },
    {
      title: 'a subprocess',
      code: 'import subprocess; print("ESCAPED", subprocess.run(["id"], capture_output=True))',
      refused: /Error/,
    },
    {
      title: 'os.system',
      code: `import os; code = os.system("touch ${targets.writtenFile}"); print("code", code); print("ESCAPED" if code == 0 else "refused")`,
      refused: /OSError/,
    },
    { title: 'a fork', code: 'import os; print("ESCAPED", os.fork())', refused: /Error/ },
    {
      title: 'exec',
      code: 'import os; os.execv("/bin/sh", ["sh", "-c", "id"]); print("ESCAPED")',
      refused: /Error|ended in the middle/,
    },
    {
      title: 'ctypes and system',
      code: `import ctypes; code = ctypes.CDLL(None).system(b"touch ${targets.writtenFile}"); print("code", code); print("ESCAPED" if code == 0 else "refused")`,
      refused: /refused|Error|ended/,
    },
    {
      title: 'ctypes and emscripten_run_script',
      code: 'import ctypes; ctypes.CDLL(None).emscripten_run_script(b"globalThis.x = 1"); print("ESCAPED")',
      refused: /Error|ended/,
    },
    {
      title: 'import js',
      code: 'import js; print([n for n in dir(js) if not n.startswith("_")]); from js import process; print("ESCAPED")',
      refused: /ImportError/,
    },
    { title: 'import js and fetch', code: 'from js import fetch; print("ESCAPED")', refused: /ImportError/ },
    {
      title: 'run_js',
      code: 'from pyodide.code import run_js; print("ESCAPED", run_js("globalThis.process.version"))',
      refused: /cannot import name 'eval'/,
    },
    {
      title: 'the Function constructor',
      code: 'import pyodide_js; print("ESCAPED", pyodide_js.constructor.constructor("return process")())',
      refused: /EvalError|Code generation/,
    },
    {
      title: 'the AsyncFunction constructor',
      code: 'import pyodide_js; print("ESCAPED", pyodide_js.loadPackage.constructor("return process")())',
      refused: /EvalError|Code generation/,
    },
    {
      title: 'a prototype walk to the constructor of a bound function',
      code: `${walk}
print("ESCAPED", reach("FS.open.constructor.prototype.constructor")("return globalThis")())`,
      refused: /EvalError|Code generation/,
    },
    {
      title: 'the global object as this',
      code: `${walk}
value = reach("FS.open.call.call")
print(value)
print("ESCAPED", reach("constructor.prototype.valueOf.call")(None).process)`,
      refused: /Error/,
    },
    {
      title: 'a package from the network',
      code: `import pyodide_js; await pyodide_js.loadPackage("http://127.0.0.1:${targets.port}/x-1-py3-none-any.whl"); import x; print("ESCAPED")`,
      refused: /Error/,
    },
    {
      title: 'a package from the disk of the host',
      code: `import pyodide_js; await pyodide_js.loadPackage("file://" + ${file}); print("ESCAPED" if "CANARY" in str(pyodide_js.loadedPackages) else "not loaded")`,
      refused: /Error|not loaded/,
    },
    { title: 'micropip', code: 'import micropip; print("ESCAPED")', refused: /ModuleNotFoundError/ },
    {
      title: 'a mount of the host',
      code: `import os, pyodide_js
os.makedirs("/host", exist_ok=True)
pyodide_js.mountNodeFS("/host", "/")
print("ESCAPED", os.listdir("/host"))`,
      refused: /Error/,
    },
    {
      title: 'a mount of the host by the file system itself',
      code: `${walk}
import os
os.makedirs("/host2", exist_ok=True)
fs = pyodide_js.FS
fs.mount(fs.filesystems.NODEFS, {"root": "/"}, "/host2")
print("ESCAPED", os.listdir("/host2"))`,
      refused: /Error/,
    },
    {
      title: 'Node modules through the file system module',
      code: `${walk}
print("ESCAPED", reach("_api.config.createPyodideModule.constructor")("return process.getBuiltinModule('fs')")())`,
      refused: /Error/,
    },
    {
      title: 'the module object for a process or a require',
      code: `${walk}
found = []
seen = 0
todo = [("", pyodide_js._module), ("", pyodide_js._api), ("", pyodide_js)]
for prefix, thing in todo[:2000]:
    for name in dir(thing):
        if name in ("process", "require", "getBuiltinModule", "globalThis"):
            found.append(prefix + name)
print("ESCAPED" if found else "nothing found", found)`,
      refused: /nothing found/,
    },
    {
      title: 'stack frames',
      code: `${walk}
import pyodide.ffi
Error = pyodide_js.constructor.getPrototypeOf(pyodide_js.FS.ErrnoError)
frames = []
def prepare(error, stack):
    for frame in stack:
        frames.append((frame.getThis(), frame.getFunction()))
    return "done"
Error.prepareStackTrace = pyodide.ffi.create_proxy(prepare)
try:
    pyodide_js.FS.readFile("/nope")
except Exception as error:
    str(error)
print(len(frames), "ESCAPED" if any(this is not None and hasattr(this, "process") for this, _ in frames) else "nothing found")`,
      refused: /Error|nothing found/,
    },
    { title: 'a worker', code: 'from js import Worker; print("ESCAPED")', refused: /ImportError/ },
    {
      title: 'WebAssembly memory of its own',
      code: 'from js import WebAssembly; print("ESCAPED")',
      refused: /ImportError/,
    },
    {
      title: 'an SQLite file on the host',
      code: `import sqlite3; c = sqlite3.connect(${written}); c.execute("create table t (x)"); c.commit(); print("ESCAPED")`,
      refused: /OperationalError/,
    },
    {
      title: 'a file written on the host',
      code: `open(${written}, "w").write("x"); print("ESCAPED")`,
      refused: /FileNotFoundError/,
    },
    {
      title: 'a symlink out of the data directory',
      code: `import os; os.symlink(${file}, "/mnt/data/link.txt"); print("ESCAPED", open("/mnt/data/link.txt").read())`,
      refused: /FileNotFoundError/,
    },
    {
      title: 'a hard link',
      code: `import os; os.link(${file}, "/mnt/data/hard.txt"); print("ESCAPED", open("/mnt/data/hard.txt").read())`,
      refused: /Error/,
    },
    {
      title: 'a path that climbs',
      code: `print("ESCAPED", open("../../../../../.." + ${file}).read())`,
      refused: /FileNotFoundError/,
    },
    {
      title: 'a signal to the parent',
      code: `import os, signal; print(os.getppid()); os.kill(${targets.processId}, signal.SIGTERM); print("ESCAPED")`,
      refused: /Error/,
    },
    {
      title: 'a signal to everyone',
      code: 'import os, signal; os.kill(-1, signal.SIGKILL); print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: 'a thread',
      code: 'import threading; t = threading.Thread(target=print, args=("ESCAPED",)); t.start(); t.join()',
      refused: /RuntimeError/,
    },
    {
      title: 'multiprocessing',
      code: 'import multiprocessing; p = multiprocessing.Process(target=print); p.start(); p.join(); print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: 'a device of the host',
      code: 'print("ESCAPED", open("/dev/sda", "rb").read(10))',
      refused: /FileNotFoundError/,
    },
    {
      title: 'native code',
      code: 'import ctypes; ctypes.CDLL("/lib/x86_64-linux-gnu/libc.so.6"); print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: 'a trace of the host in the interpreter',
      code: `import sys, os
seen = repr([sys.argv, sys.path, sys.executable, sys.prefix, os.getcwd(), os.uname()])
print("ESCAPED" if "node_modules" in seen or "interpreter/src" in seen else "nothing of the host", seen)`,
      refused: /nothing of the host/,
    },
    {
      title: 'the path of the installation',
      code: `${walk}
import json
names = pyodide_js.constructor.getOwnPropertyNames
config = pyodide_js._api.config
seen = [str(getattr(config, name, '')) for name in names(config)]
seen += [str(getattr(pyodide_js, name, '')) for name in names(pyodide_js)]
try: pyodide_js.FS.readFile('/nope')
except Exception as error: seen += [str(error), str(error.js_error.stack)]
try: pyodide_js._module.locateFile('x')
except Exception as error: seen += [str(error), str(error.js_error.stack)]
print(len(seen), "ESCAPED" if any("node_modules" in text or "file://" in text for text in seen) else "no path seen", [text for text in seen if "node_modules" in text or "file://" in text])`,
      refused: /\d\d no path seen/,
    },
    {
      title: "a file of the host through the file system's own back door to Node",
      code: `${nodeFiles}
node = at(${file})
try: print("opened", nodefs.stream_ops.open(stream_of(node)))
except Exception: print("refused")
try: print("ESCAPED", nodefs.node_ops.getattr(node).size)
except Exception: print("refused")`,
      refused: /refused\nrefused/,
    },
    {
      title: 'a file written through the same door',
      code: `${nodeFiles}
try: nodefs.node_ops.mknod(at(${JSON.stringify(dirname(targets.writtenFile))}), "written.txt", 33188, 0)
except Exception: print("refused")`,
      refused: /refused/,
    },
    {
      title: 'the list of a directory of the host through the same door',
      code: `${nodeFiles}
try: print("ESCAPED", list(nodefs.node_ops.readdir(at("/"))))
except Exception: print("refused")`,
      refused: /refused/,
    },
    {
      title: 'a link on the host through the same door',
      code: `${nodeFiles}
try: nodefs.node_ops.symlink(at(${JSON.stringify(dirname(targets.writtenFile))}), "written.txt", "/etc/passwd")
except Exception: print("refused")`,
      refused: /refused/,
    },
    {
      title: 'the program of the child as a native library',
      code: `import ctypes
for path in (${file}, "/proc/self/exe", "/usr/lib/x86_64-linux-gnu/libc.so.6"):
    try: ctypes.CDLL(path); print("ESCAPED")
    except OSError: print("refused")`,
      refused: /refused\nrefused\nrefused/,
    },
    {
      title: 'the loader of native code by a path of the host',
      code: `${walk}
from pyodide.ffi import to_js
try: await pyodide_js._api.loadDynlib("/etc/passwd", False, to_js([]), None); print("ESCAPED")
except Exception as error: print("refused", "root" in str(error))`,
      refused: /refused False/,
    },
    {
      title: 'a package of the lock file from the network',
      code: 'import pyodide_js; await pyodide_js.loadPackage("numpy"); import numpy; print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: 'an asynchronous connection',
      code: `import asyncio; r, w = await asyncio.open_connection("127.0.0.1", ${targets.port}); print("ESCAPED", await r.read())`,
      refused: /Error/,
    },
    {
      title: 'a datagram',
      code: `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"x", ("127.0.0.1", ${targets.port})); print("ESCAPED", s.recv(1))`,
      refused: /Error/,
    },
    {
      title: 'a socket of the host by path',
      code: 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/var/run/docker.sock"); print("ESCAPED")',
      refused: /Error/,
    },
    {
      title: "another session's files",
      code: `import os
found = [os.path.join(d, f) for d, _, fs in os.walk("/") for f in fs if "use-assistant" in d or f == "canary.txt"]
print("ESCAPED" if found else "nothing found", found)`,
      refused: /nothing found/,
    },
    {
      title: 'the real process behind the one it sees',
      code: `${walk}
import pyodide.ffi
names = ("process", "require", "fetch", "WebSocket", "getBuiltinModule", "_send", "kill")
todo, seen, found = [pyodide_js], 0, []
known = set()
while todo and seen < 3000:
    thing = todo.pop()
    seen += 1
    for name in pyodide_js.constructor.getOwnPropertyNames(thing):
        if name in names and getattr(thing, name, None) is not None and name != "kill":
            found.append(name)
        try: value = getattr(thing, name)
        except Exception: continue
        if isinstance(value, pyodide.ffi.JsProxy) and value.js_id not in known and len(known) < 20000:
            known.add(value.js_id)
            todo.append(value)
print(seen, "ESCAPED" if found else "nothing found", found)`,
      refused: /\d{2,} nothing found/,
    },
    {
      title: 'JavaScript that a native module brings along',
      code: `import base64, ctypes
open("/tmp/evil.so", "wb").write(base64.b64decode("${moduleWithJavaScript}"))
try: ctypes.CDLL("/tmp/evil.so").run(); print("ESCAPED")
except OSError as error: print("refused", error)`,
      refused: /refused [^]*EvalError/,
    },
    {
      title: 'the memory of the parent, by the announcement of a message without end',
      code: `${pipe}\nwrite(b"\\xff" * 8)\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'the memory of the parent, by a file larger than any may be',
      code: `${pipe}\nhead = b'{"type":"file","id":1,"name":"x"}'\nwrite(struct.pack(">II", len(head), 2**31) + head)\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'the stack of the parent, by a message of brackets',
      code: `${pipe}\nhead = b"[" * 1_000_000\nwrite(struct.pack(">II", len(head), 0) + head)\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'the parent with bytes that are no message',
      code: `${pipe}\nwrite(b"\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x00nope")\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'the parent with a result that it has not computed',
      code: `${pipe}\nforge({"type": "result", "id": 1, "removed": "all"})\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'the prototype of the parent',
      code: `${pipe}\nforge({"__proto__": {"type": "booted", "id": 1}, "constructor": "x", "type": "cut", "id": 1})\nprint("sent")`,
      refused: /sent/,
    },
    {
      title: 'the disk of the host, by names in forged messages',
      code: `${pipe}
for run in range(1, 300):
    for name in (${written}, "../../../../../.." + ${written}, "/mnt/data/../.." + ${written}):
        forge({"type": "file", "id": run, "name": name}, b"ESC" + b"APED")
print("sent")`,
      refused: /not kept: its name is not allowed/,
    },
    {
      title: 'the network through the parent, by imports without end',
      code: `${pipe}\nfor n in range(5000): forge({"type": "import", "id": n, "module": "no_such_module"})\nwhile True: pass`,
      refused: /ended in the middle/,
    },
    {
      title: 'a file of the host through the names of modules',
      code: `${pipe}
for name in ("../../etc/passwd", ${file}, "__proto__", "constructor", "file://" + ${file}):
    forge({"type": "import", "id": 1, "module": name})
    try: __import__(name.replace("/", ".") + "x"); print("ESCAPED")
    except (ImportError, ValueError): print("refused")`,
      refused: /(?:refused\n){5}/,
    },
    {
      title: 'the messages of the parent, by reading them first',
      code: `${nodeFiles}
stream = stream_of(at("/x"))
stream.nfd = 0
try: print("ESCAPED", nodefs.stream_ops.read(stream, to_js(bytearray(64)), 0, 64, None))
except Exception as error: print("refused")`,
      refused: /refused/,
    },
    ...Object.entries({
      'the removal of a file of the host': `nodefs.node_ops.unlink(at(${folder}), "canary.txt")`,
      'another name for a file of the host': `nodefs.node_ops.rename(at(${file}), at(${folder}), "moved.txt")`,
      'the removal of a directory of the host': `nodefs.node_ops.rmdir(at("/tmp"), "x")`,
      'the end of a file of the host, cut off': `nodefs.node_ops.setattr(at(${file}), make(size=0))`,
      'the rights of a file of the host': `nodefs.node_ops.setattr(at(${file}), make(mode=0o777))`,
      'a file of the host, looked up': `nodefs.node_ops.lookup(at(${folder}), "canary.txt").mode`,
      'where a link of the host leads': 'nodefs.node_ops.readlink(at("/proc/self/exe"))',
      'what kind of thing a path of the host is': 'nodefs.getMode("/etc/passwd")',
      'the size of the disk of the host': 'nodefs.node_ops.statfs(at("/")).blocks',
      'another starting point in memory': 'pyodide_js._api.restoreSnapshot(to_js(bytes(64)))',
    }).map(([title, call]): EscapeAttempt => ({
      title,
      code: `${nodeFiles}
try: print("ESCAPED", ${call})
except Exception: print("refused")`,
      refused: /refused/,
    })),
    {
      title: 'a socket by way of the sockets of Node',
      code: `import pyodide_js, socket
await pyodide_js.useNodeSockFS()
print("ESCAPED", socket.create_connection(("127.0.0.1", ${targets.port}), 2).recv(10))`,
      refused: /Error/,
    },
    {
      title: 'a file of the host by the loaders of packages and programs',
      code: `import pyodide_js
for load in (pyodide_js._api.loadBinaryFile, pyodide_js._module.asyncLoad):
    for path in (${file}, "file://" + ${file}, "/proc/self/environ"):
        try: await load(path); print("ESCAPED", path)
        except Exception as error: print("refused", "Access to this API has been restricted" in str(error))`,
      refused: /(?:refused True\n){6}/,
    },
    {
      title: 'a file of the host as a package from another place',
      code: `import pyodide_js
manager = pyodide_js._api.packageManager
manager.installBaseUrl = manager.cdnURL = "file://" + ${folder} + "/"
try: await pyodide_js.loadPackage("file://" + ${file} + ".whl")
except Exception as error: print(error)
print("ESCAPED" if len(pyodide_js.constructor.getOwnPropertyNames(pyodide_js.loadedPackages)) else "not loaded")`,
      refused: /not loaded/,
    },
    {
      title: 'a path of the host in any text that JavaScript holds',
      code: `import pyodide_js
import pyodide.ffi
todo, texts, found = [pyodide_js], 0, []
names = pyodide_js.constructor.getOwnPropertyNames
for visit in range(600):
    thing = todo.pop(0)
    for name in () if isinstance(thing, pyodide.ffi.JsBuffer) else names(thing):
        try: value = getattr(thing, name)
        except Exception: continue
        if isinstance(value, str):
            texts += 1
            if "node_" + "modules" in value[:5000] or ${JSON.stringify(import.meta.dirname.slice(0, 12))} in value[:5000]: found.append((name, value[:200]))
        elif isinstance(value, pyodide.ffi.JsProxy) and not callable(value) and len(todo) < 600:
            todo.append(value)
print(texts, "ESCAPED" if found else "no path seen", found)`,
      refused: /\d\d no path seen/,
    },
    {
      title: 'a path or the environment of the host in the memory of Python',
      code: `import ctypes, pyodide_js
size, step, found = pyodide_js._module.HEAPU8.length, 1 << 22, []
for start in range(1024, size - step - 64, step):
    data = ctypes.string_at(start, step + 64)
    for head, tail in ((b"USE_ASSISTANT_", b"CANARY"), (b"node_", b"modules/.pnpm"), (b"CANARY-6f1f", b"0f7c")):
        place = data.find(head)
        if place >= 0 and data.startswith(tail, place + len(head)): found.append(head)
print("ESCAPED" if found else "nothing found", found)`,
      refused: /nothing found/,
    },
    {
      title: 'a file of the network, read when it is needed',
      code: `import pyodide_js
pyodide_js.FS.createLazyFile("/", "lazy", "http://127.0.0.1:${targets.port}/", True, False)
print("ESCAPED", open("/lazy").read())`,
      refused: /Error|ended in the middle/,
    },
    {
      title: 'a database of the host, attached to another',
      code: `import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("attach ? as host", (${file},))
print("ESCAPED", connection.execute("select * from host.sqlite_master").fetchall())`,
      refused: /OperationalError/,
    },
    {
      title: 'the parent with a flood of errors past its output',
      code: `${nodeFiles}
import time
stream, data = stream_of(at("/x")), to_js(b"e" * 65536)
stream.nfd = 2
end = time.time() + 1
while time.time() < end: nodefs.stream_ops.write(stream, data, 0, 65536, None)
print("flooded")`,
      refused: /flooded/,
    },
    {
      title: 'memory of JavaScript beside that of Python',
      code: `import pyodide_js
hoard, Bytes = [], pyodide_js._module.HEAPU8.constructor
while True:
    hoard.append(Bytes.new(100_000_000))
    hoard[-1].fill(1)`,
      refused: /too much memory|Error/,
    },
    {
      title: 'the end of the stack',
      code: 'import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()',
      refused: /RecursionError|ended/,
    },
    {
      title: 'the end of the process by a crash',
      code: 'import faulthandler; faulthandler._sigsegv()',
      refused: /ended in the middle/,
    },
    // The last one: it changes what every object of this Python is.
    {
      title: 'the parent through a poisoned prototype',
      code: `${walk}
from pyodide.ffi import to_js
for name in ("env", "execArgv", "shell", "type", "id", "uid"):
    setattr(pyodide_js.constructor.prototype, name, to_js(["ESC" + "APED"]))
print("set")`,
      refused: /set|ended in the middle/,
    },
  ];
}

/** Attempts that never end by themselves. */
export const floods: EscapeAttempt[] = [
  {
    title: 'the clock that keeps them handed back',
    code: 'import pyodide_js; pyodide_js.setInterruptBuffer(None)\nwhile True: pass',
    refused: /longer than 3 seconds/,
  },
  {
    title: 'the pipes of its own process closed',
    code: `${nodeFiles}
for fd in range(0, 40):
    stream = stream_of(at("/x"))
    stream.nfd = fd
    try: nodefs.stream_ops.close(stream)
    except Exception: pass
while True: pass`,
    refused: /longer than 3 seconds|ended in the middle/,
  },
];
