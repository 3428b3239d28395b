/** Opens the engine with the server, so that the first message finds the storage open and Python warm. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { demoEngine } = await import('./lib/engine.ts');
  await demoEngine().ready();
  // Not waited for: the page is there sooner than Python, and whoever is quicker still waits for it then.
  demoEngine()
    .warm()
    .catch((error: unknown) => console.error(error));
}
