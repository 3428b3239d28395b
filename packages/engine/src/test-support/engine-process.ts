import { startCommand } from '../command.ts';

/**
 * The engine as a process of its own: says where it listens, and answers every message with the most memory that it has
 * ever held, in bytes. Its arguments are the data folder and the variables that choose its models.
 */
const data = process.argv[2]!;
const running = await startCommand(
  { port: 0, host: '127.0.0.1', data, apiKey: undefined, model: undefined, interpreter: 'pyodide', grace: 0 },
  JSON.parse(process.argv[3] ?? '{}') as Record<string, string>,
  () => {},
);
process.on('message', () => process.send!({ peak: process.resourceUsage().maxRSS * 1024 }));
process.on('disconnect', () => void running.close().then(() => process.exit(0)));
process.send!({ url: running.url });
