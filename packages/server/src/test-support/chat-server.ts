// A chat on a port of its own, for tests whose environment is a browser. Its model's script comes as JSON.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tool } from 'ai';
import { z } from 'zod';
import { toNodeListener } from '../node.ts';
import { startChat } from './chat.ts';

const room = z.object({ room: z.string() });
let painted = 0;
const chat = startChat({
  turns: JSON.parse(process.argv[2]!),
  authorize: () => 'alice',
  tools: {
    temperature: tool({ inputSchema: room, execute: async () => ({ degrees: 20 }) }),
    paint: tool({
      inputSchema: room,
      needsApproval: true,
      execute: async (input) => ({ ...input, times: (painted += 1) }),
    }),
    look: tool({ inputSchema: room }),
  },
  python: (_code, write, files) => {
    write('ok\n');
    files.set('clean.csv', new TextEncoder().encode('a,b\n'));
  },
});
const server = createServer(toNodeListener(chat.handler)).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/assistant`);
});
// The test that started this is gone.
process.stdin.on('end', () => process.exit()).resume();
