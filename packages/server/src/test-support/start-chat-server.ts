import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ScriptedTurn } from '@use-assistant/test-kit';

/** A chat in a process of its own. */
export interface ChatServer {
  /** Where its route is. */
  url: string;
  close(): void;
}

/**
 * Starts a chat whose model has this script. Its tools are `temperature`, `paint` (asks for approval) and `look` (left to
 * the browser); its Python always makes `clean.csv`.
 */
export async function startChatServer(turns: ScriptedTurn[]): Promise<ChatServer> {
  const script = `${process.cwd()}/packages/server/src/test-support/chat-server.ts`;
  const args = ['--conditions=@use-assistant/source', script, JSON.stringify(turns)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const url of createInterface({ input: child.stdout })) {
    return { url, close: () => void child.kill() };
  }
  throw new Error('The chat server ended before it began.');
}
