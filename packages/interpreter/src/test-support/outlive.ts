/**
 * A program for tests: `node outlive.ts pyodide|bubblewrap idle|busy`. It prints the ids of its Python processes once
 * they are at work.
 */
import { bubblewrap } from '../bubblewrap/bubblewrap.ts';
import { livingProcessIds as livingInBubblewrap } from '../bubblewrap/kernel-process.ts';
import { pyodide } from '../pyodide/pyodide.ts';
import { livingProcessIds as livingInPyodide } from '../pyodide/sandbox-process.ts';

const [, , driver, how] = process.argv;
const interpreter = driver === 'bubblewrap' ? bubblewrap() : pyodide();
const livingProcessIds = driver === 'bubblewrap' ? livingInBubblewrap : livingInPyodide;
const session = await interpreter.session('one');
await session.run('x = 1');
if (how === 'busy') {
  void session.run('print("busy")\nwhile True: pass', {
    onStdout: () => console.log(JSON.stringify(livingProcessIds())),
  });
} else console.log(JSON.stringify(livingProcessIds()));
