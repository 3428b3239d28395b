import { createServer } from 'node:net';
import { Failure } from './fail.mjs';

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    // No host: the server that follows listens on all addresses too, IPv6 and IPv4.
    server.listen(port, () => {
      const { port: taken } = server.address();
      server.close(() => resolve(taken));
    });
  });
}

/** Reads a `--port` value; 0 stands for any free port. */
export function readPort(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new Failure(`--port takes a number from 0 to 65535, not "${text}".`);
  }
  return port;
}

/** The port to use, once it is known to be free. */
export async function freePort(port) {
  try {
    return await listen(port);
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new Failure(
        `Port ${port} is busy. Stop what uses it, or choose another: npm run demo -- --port ${port + 1}`,
      );
    }
    if (error.code === 'EACCES') {
      throw new Failure(
        `Port ${port} is not yours to use. Choose one above 1023: npm run demo -- --port 3000`,
      );
    }
    throw error;
  }
}
