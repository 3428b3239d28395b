import type { NextConfig } from 'next';
const config: NextConfig = {
  // The engine starts a child process next to its own files and opens a database: it must run from node_modules, unbundled.
  serverExternalPackages: ['@use-assistant/engine', '@use-assistant/interpreter'],
};
export default config;
