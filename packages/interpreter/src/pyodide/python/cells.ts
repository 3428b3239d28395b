import { cellSource } from '../../sessions/python/cell.ts';

/**
 * The Python half of the driver: runs one cell of code in `__main__` and tells how it ended.
 * It lives inside the sandbox, where user code can change it; nothing outside depends on it being honest.
 */
export const cellsSource: string = String.raw`
import ast
import builtins
import gc
import io
import json
import linecache
import os
import sys
import traceback

import __main__

_count = 0
_request = None
_problems = {}
_unknown = set()
_site = os.path.join(sys.prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "site-packages")


def prepare():
    """Imports what most code needs, so that the snapshot holds it."""
    import base64, bisect, collections, contextlib, copy, csv, dataclasses, datetime, decimal, enum, fractions
    import functools, hashlib, heapq, itertools, math, operator, pathlib, re, statistics, string, textwrap, time
    import typing, zipfile, xml.etree.ElementTree
    import charts
    import inspect


def _refuse_processes(*_):
    raise OSError("other programs cannot be started here")


def begin(directory):
    """Sets the stage for the next cell."""
    builtins.exit = builtins.quit = sys.exit  # site's own would close standard input
    os.system = os.popen = _refuse_processes  # Emscripten's own would end Python
    os.makedirs(directory, exist_ok=True)
    os.chdir(directory)
    sys.stdout = sys.__stdout__ = _stream(sys.stdout, sys.__stdout__, 1, "/dev/stdout")
    sys.stderr = sys.__stderr__ = _stream(sys.stderr, sys.__stderr__, 2, "/dev/stderr")


def _lead(number, device):
    """Leads standard output to its device again, if the code has closed it or led it elsewhere."""
    try:
        if os.fstat(number).st_rdev == os.stat(device).st_rdev:
            return
    except OSError:
        pass
    opened = os.open(device, os.O_WRONLY)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _stream(current, first, number, device):
    """The stream as the last cell left it, if that can still be written to, or else a new one."""
    _lead(number, device)
    for stream in (current, first):
        try:
            if not stream.closed and stream.writable():
                os.fstat(stream.fileno())
                if isinstance(stream, io.TextIOWrapper) and not stream.write_through:
                    stream.reconfigure(line_buffering=True, write_through=True, errors="replace")
                return stream
        except BaseException:
            pass  # A stand-in of the code's own, or a closed one
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="replace", line_buffering=True, write_through=True
    )


def offer_packages(request):
    """Lets imports ask the parent for packages. Comes last among the finders, so nothing is shadowed."""
    global _request
    _request = request
    sys.meta_path.append(_PackageFinder)


class _PackageFinder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is not None or "." in name or name in _unknown or not _is_wanted_by_code(name):
            return None
        from importlib.machinery import PathFinder
        from pyodide.ffi import can_run_sync, run_sync

        if not can_run_sync():
            _problems[name] = f"{name} was imported in a place that cannot wait: import it at the top of the code."
            return None
        answer = json.loads(run_sync(_request(name)))
        if answer["problem"]:
            _problems[name] = answer["problem"]
        if not answer["archives"]:
            if not answer["problem"]:
                _unknown.add(name)
            return None
        for archive in answer["archives"]:
            _unpack(archive["path"], archive["target"])
        sys.path_importer_cache.clear()
        return PathFinder.find_spec(name)


def _is_wanted_by_code(name):
    """Installed packages try many optional ones; what they need comes with them. pandas reads Excel by openpyxl."""
    frame = sys._getframe(2)
    while frame is not None and (frame.f_globals.get("__name__") or "").partition(".")[0] == "importlib":
        frame = frame.f_back
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    is_library = frame is not None and frame.f_code.co_filename.startswith("/lib/python")
    return not is_library or name == "openpyxl"


def _unpack(path, target):
    import zipfile
    from pathlib import Path
    from pyodide._package_loader import install_datafiles

    folder = Path("/usr/lib" if target == "dynlib" else _site)
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)  # It leaves out what climbs
        if path.endswith(".whl"):
            install_datafiles(os.path.basename(path), archive, folder)
    os.remove(path)


${cellSource}


def _wait(coroutine):
    from pyodide.ffi import run_sync

    return run_sync(coroutine)


def run(code):
    global _count
    _count += 1
    value, trace = run_cell(code, f"<cell {_count}>", __main__.__dict__, _wait, _hint)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass
    return json.dumps({"value": value, "traceback": trace})


def _hint(root):
    problem = _problems.pop(root, None)
    if problem is None:
        problem = f"{root} is not available here and cannot be installed."
        if _request is not None:
            problem += " Only packages of Pyodide can be imported, such as numpy, pandas, matplotlib, sympy and pillow."
    return (
        f"{problem} What is always there: Python's standard library "
        "(csv, json, math, statistics, datetime, fractions, decimal, re, collections, itertools, zipfile, …) and the module "
        "charts, which draws: charts.line, charts.bar and charts.scatter, for example "
        "charts.line('trend.svg', x, y, title='Trend', trend=True)."
    )
`;
