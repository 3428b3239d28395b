/**
 * Says on stderr what takes long, and how long it took; stdout stays for results.
 * `hasFailed` looks at a result that tells of a failure without throwing.
 */
export async function step(title, work, hasFailed = () => false) {
  const started = performance.now();
  const live = process.stderr.isTTY;
  process.stderr.write(live ? `… ${title}` : `… ${title}\n`);
  const timer = live
    ? setInterval(() => {
        process.stderr.write(`\r… ${title} (${Math.round((performance.now() - started) / 1000)} s)`);
      }, 1000)
    : undefined;
  try {
    const result = await work();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`${live ? '\r' : ''}${hasFailed(result) ? '✗' : '✓'} ${title} (${seconds} s)\n`);
    return result;
  } catch (error) {
    if (live) process.stderr.write('\n');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
