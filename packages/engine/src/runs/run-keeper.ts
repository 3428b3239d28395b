import { hostname } from 'node:os';
import type { EngineContext } from '../engine-context.ts';
import { listActiveRuns } from '../storage/records.ts';
import { nowSeconds, type Run } from '../wire.ts';
import { endRun } from './end-run.ts';

/** How often an engine says that it lives, and looks after runs that others left. */
const heartbeat = 5_000;
/** Silence after which an engine counts as dead. */
const deadAfterSeconds = 15;
/** The longest wait that a timer takes. */
const longestTimer = 2 ** 31 - 1;

/**
 * Engines of this process, so that a process that was given the id of a dead one is not taken for it. Kept with the
 * process and not with this module, which a bundler may load more than once.
 */
const ownersKey = Symbol.for('use-assistant.engine.owners');
const ownersHere = ((globalThis as { [ownersKey]?: Set<string> })[ownersKey] ??= new Set<string>());

/** Ends runs that nobody else will: those that expired, whose engine has died, or whose end could not be stored. */
export class RunKeeper {
  readonly #context: EngineContext;
  #beat: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #nextExpiry = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Runs that are ours and that nobody executed when we last looked. */
  #strays = new Set<string>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  async start(): Promise<void> {
    ownersHere.add(this.#context.runs.owner);
    await this.#say();
    await this.#endOrphans();
    await this.#endExpired();
    this.#beat = setInterval(() => void this.#tick(), heartbeat);
    this.#beat.unref();
  }

  /** Sees to it that the run ends when its time is over. */
  watch(run: Run): void {
    if (run.expires_at !== null && run.expires_at < this.#nextExpiry) this.#arm(run.expires_at);
  }

  /** Ends the run if its time is over; for runs that are looked at before the timer has come round. */
  async expireIfDue(run: Run): Promise<Run> {
    if (!isDue(run)) return run;
    if (this.#context.runs.abort(run.id, 'expired')) return run;
    return (await endRun(this.#context, run.id, { to: 'expired' })) ?? run;
  }

  /** The engines that live, this one among them. */
  async livingOwners(): Promise<Set<string>> {
    const owners = await this.#context.database.selectFrom('owners').selectAll().execute();
    return new Set([this.#context.runs.owner, ...owners.filter(isAlive).map(({ id }) => id)]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#beat);
    clearTimeout(this.#expiry);
    const { database, runs } = this.#context;
    ownersHere.delete(runs.owner);
    await database.deleteFrom('owners').where('id', '=', runs.owner).execute();
  }

  async #tick(): Promise<void> {
    try {
      await this.#say();
      await this.#endOrphans();
      // A cancel that another engine has taken for a run of ours.
      const { runs, database, events } = this.#context;
      const active = await listActiveRuns(database);
      for (const run of active) {
        if (run.status === 'cancelling' && runs.has(run.id)) runs.abort(run.id, 'cancelled');
      }
      await events.catchUp();
      // A thread that another engine has deleted takes along what is carried out or read here.
      const ids = new Set(active.map(({ id }) => id));
      for (const id of await events.forgetDeleted((runId) => !ids.has(runId))) runs.abort(id, 'cancelled');
    } catch (error) {
      if (!this.#isClosed) this.#context.log('error', 'Looking after runs failed.', { cause: String(error) });
    }
  }

  async #say(): Promise<void> {
    const { database, runs } = this.#context;
    const row = { id: runs.owner, host: hostname(), pid: process.pid, seen_at: nowSeconds() };
    await database
      .insertInto('owners')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: row.seen_at }))
      .execute();
  }

  async #endOrphans(): Promise<void> {
    const { database, runs: queue } = this.#context;
    const runs = (await listActiveRuns(database)).filter(({ status }) => status !== 'requires_action');
    // One that has just been made is not executed yet; one that stays so could not be ended when it should have been.
    const strays = runs
      .filter(({ id, owner }) => owner === queue.owner && !queue.has(id))
      .map(({ id }) => id);
    const lost = new Set(strays.filter((id) => this.#strays.has(id)));
    this.#strays = new Set(strays);
    if (runs.length === 0) return;
    const owners = await database.selectFrom('owners').selectAll().execute();
    const alive = new Set(owners.filter(isAlive).map(({ id }) => id));
    for (const run of runs) {
      if (run.owner !== null && alive.has(run.owner) && !lost.has(run.id)) continue;
      const message = lost.has(run.id)
        ? 'The run could not be stored any further.'
        : 'The engine stopped during the run.';
      const error = { code: 'server_error' as const, message };
      await endRun(
        this.#context,
        run.id,
        run.status === 'cancelling' ? { to: 'cancelled' } : { to: 'failed', error },
      );
    }
    const dead = owners.filter((owner) => !alive.has(owner.id)).map(({ id }) => id);
    if (dead.length > 0) await database.deleteFrom('owners').where('id', 'in', dead).execute();
  }

  async #endExpired(): Promise<void> {
    const { database, runs } = this.#context;
    for (const { id } of await listActiveRuns(database, { expiredAt: nowSeconds() })) {
      if (!runs.abort(id, 'expired')) await endRun(this.#context, id, { to: 'expired' });
    }
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    const now = nowSeconds();
    const next = (await listActiveRuns(database)).find((run) => run.expires_at > now);
    if (next) this.#arm(next.expires_at);
  }

  #arm(at: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#expiry);
    this.#nextExpiry = at;
    this.#expiry = setTimeout(
      () => {
        this.#endExpired().catch((error: unknown) => {
          if (!this.#isClosed) this.#context.log('error', 'Expiring runs failed.', { cause: String(error) });
        });
      },
      Math.min(Math.max(0, at * 1000 - Date.now()), longestTimer),
    );
    this.#expiry.unref();
  }
}

function isAlive(owner: { id: string; host: string; pid: number; seen_at: number }): boolean {
  if (ownersHere.has(owner.id)) return true;
  if (owner.seen_at < nowSeconds() - deadAfterSeconds) return false;
  if (owner.host !== hostname()) return true;
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // It lives, but is someone else's.
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Whether the time of a run is over, and nobody has said so yet. */
export function isDue({ status, expires_at }: Run): boolean {
  const isWaiting = status === 'requires_action' || status === 'queued' || status === 'in_progress';
  return isWaiting && expires_at !== null && expires_at <= nowSeconds();
}
