import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a program left behind, in the shape the engine gives to a model. */
export interface PythonResult {
  output: string;
  error?: string;
  files: string[];
}

// One process for many programs. Each runs in a fresh namespace, with `/mnt/data` moved to a folder of its own, and
// with a stand-in for the sandbox's `charts`, which writes down what it was asked to draw.
const server = `
import contextlib, io, json, os, sys, traceback, types

folder = sys.argv[1]
charts = types.ModuleType("charts")
def recorder(kind):
    def draw(path, x, y, title="", xlabel="", ylabel="", trend=False):
        drawn = {"kind": kind, "x": list(x), "y": y, "title": title, "xlabel": xlabel, "ylabel": ylabel, "trend": trend}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(drawn, file, default=str)
    return draw
for kind in ("line", "bar", "scatter"):
    setattr(charts, kind, recorder(kind))
sys.modules["charts"] = charts

for request in sys.stdin:
    code = json.loads(request).replace("/mnt/data", folder)
    before = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}
    output = io.StringIO()
    result = {}
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(code, "<code>", "exec"), {"__name__": "__main__"})
        except BaseException:
            result["error"] = traceback.format_exc()
    result["output"] = output.getvalue()
    result["files"] = sorted(
        name for name in os.listdir(folder)
        if os.stat(os.path.join(folder, name)).st_mtime_ns != before.get(name)
    )
    print(json.dumps(result), flush=True)
`;

/** The machine's own Python, for tests. */
export class LocalPython {
  /** Stands for `/mnt/data`. */
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'offline-model-'));
    this.#process = spawn('python3', ['-c', server, this.folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  static isInstalled(): boolean {
    try {
      execFileSync('python3', ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  async run(code: string): Promise<PythonResult> {
    this.#process.stdin!.write(`${JSON.stringify(code)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('Python ended');
    return JSON.parse(value) as PythonResult;
  }

  close(): void {
    this.#process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
