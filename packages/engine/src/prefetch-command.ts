import { parseArgs } from 'node:util';
import { commonPackages, prefetchPackages as fetchPackages } from '@use-assistant/interpreter';
import { CommandError } from './command-error.ts';

const help = `use-assistant-engine prefetch: fetches Python packages, so that code can import them without the network

Usage: use-assistant-engine prefetch [names…] [options]

Without names: ${commonPackages.join(', ')}.
What a package needs comes with it. Every file is checked against the lock file of Pyodide.

  --source <address or folder>  where the files lie         (default Pyodide's public address)
  --cache <folder>              where they are kept         (default a folder of your cache directory)
  --help                        this text`;

/** Fetches Python packages as the arguments say, with a line for each; rejects with one line when one cannot be had. */
export async function prefetchPackages(args: string[], print: (line: string) => void): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) return print(help);
  let count = 0;
  let bytes = 0;
  try {
    await fetchPackages({
      ...(positionals.length === 0 ? {} : { names: positionals }),
      ...(values.source === undefined ? {} : { source: values.source }),
      ...(values.cache === undefined ? {} : { cache: values.cache }),
      onPackage: ({ name, fileName, wasThere, size }) => {
        count += 1;
        bytes += size;
        print(`${name}: ${fileName}, ${toMegabytes(size)}${wasThere ? ', was there' : ''}`);
      },
    });
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error });
  }
  print(`${count} packages are ready (${toMegabytes(bytes)}).`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        source: { type: 'string' },
        cache: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, '')}. Try --help.`);
  }
}

function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
