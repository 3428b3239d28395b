/**
 * How one cell of code runs, wherever Python stands: what is around it says how it waits for a coroutine and what the
 * model is told of a module that is not there. Goes into the text of a driver's own Python, which imports what it needs.
 */
export const cellSource: string = String.raw`TEXT_LIMIT = 64 * 1024


def run_cell(code, name, variables, wait, hint):
    """The repr of the last expression's value, if any, and the traceback, if any."""
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    try:
        value = evaluate(code, name, variables, wait)
        if "matplotlib.pyplot" in sys.modules and "_figures" in sys.modules:
            sys.modules["_figures"].show()
        return value, None
    except SystemExit as stop:
        return None, None if stop.code in (None, 0) else f"SystemExit: {stop.code}"
    except BaseException as error:
        try:
            return None, explain(error, name, hint)
        except BaseException:
            return None, f"{type(error).__name__}: (no further details could be read)"


def evaluate(code, name, variables, wait):
    def execute(tree, mode):
        compiled = compile(tree, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(compiled, variables)
        return wait(value) if compiled.co_flags & 0x80 else value  # inspect.CO_COROUTINE

    tree = ast.parse(code, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
        ast.copy_location(last, last.body)
    execute(tree, "exec")
    value = None if last is None else execute(last, "eval")
    return None if value is None else cut(repr(value))


def cut(text):
    if len(text) <= TEXT_LIMIT:
        return text
    half = TEXT_LIMIT // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def explain(error, name, hint):
    """The traceback from the code's first line on."""
    start = error.__traceback__
    while start is not None and start.tb_frame.f_code.co_filename != name:
        start = start.tb_next
    more = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        root = error.name.partition(".")[0]
        if root not in sys.modules:
            error.msg = f"No module named '{error.name}'"
            more = f"\n{hint(root)}"
    text = "".join(traceback.TracebackException(type(error), error, start, compact=True).format())
    return cut(text.rstrip("\n")) + more


def flush_files():
    """Writes out what open files still hold in their buffers."""
    for thing in gc.get_objects():
        if isinstance(thing, (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            try:
                if not thing.closed and thing.writable():
                    thing.flush()
            except Exception:
                pass`;
