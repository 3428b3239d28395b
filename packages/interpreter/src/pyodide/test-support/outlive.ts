/** A program for tests: `node outlive.ts idle|busy`. It prints the ids of its Python processes once they are at work. */
import { pyodide } from '../pyodide.ts';
import { livingProcessIds } from '../sandbox-process.ts';

const interpreter = pyodide();
const session = await interpreter.session('one');
await session.run('x = 1');
if (process.argv[2] === 'busy') {
  void session.run('print("busy")\nwhile True: pass', {
    onStdout: () => console.log(JSON.stringify(livingProcessIds())),
  });
} else console.log(JSON.stringify(livingProcessIds()));
