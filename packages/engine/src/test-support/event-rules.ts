import { AssistantStream } from 'openai/lib/AssistantStream';
import type { WireEvent } from './start-engine.ts';

const followers: Record<string, string[]> = {
  created: ['queued'],
  queued: ['in_progress', 'cancelling', 'expired', 'failed'],
  in_progress: ['requires_action', 'completed', 'incomplete', 'failed', 'expired', 'cancelling'],
  requires_action: ['queued', 'cancelling', 'expired', 'failed'],
  cancelling: ['cancelled', 'failed'],
};

/** The events of a run that is over, held against the rules that every reader relies on; none is right. */
export function findFlaws(events: WireEvent[], status: string): string[] {
  const flaws: string[] = [];
  const check = (isRight: boolean | undefined, flaw: string) => {
    if (!isRight) flaws.push(`${flaw} (${status}): ${events.map(({ event }) => event).join(' ')}`);
  };
  check(
    events.every(({ id }, place) => Number(id) === place),
    'a gap or a repeat',
  );
  const statuses = events
    .filter(({ data }) => data.object === 'thread.run')
    .map(({ event }) => event.replace('thread.run.', ''));
  check(statuses.at(-1) === status && events.at(-1)?.data.object === 'thread.run', 'a wrong end');
  for (const [place, next] of statuses.slice(1).entries()) {
    check(followers[statuses[place]!]?.includes(next), `${next} after ${statuses[place]}`);
  }
  const isWaiting = status === 'requires_action';
  for (const object of ['thread.run.step', 'thread.message']) {
    let open: string | undefined;
    for (const { event, data } of events) {
      if (data.object !== object && data.object !== `${object}.delta`) continue;
      if (event === `${object}.created`) {
        check(open === undefined, `two open: ${object}`);
        open = data.id;
      }
      check(data.id === open, `${event} outside`);
      if (!/\.(?:created|in_progress|delta)$/.test(event)) open = undefined;
    }
    // The step of calls that wait stays open until they are answered.
    check(open === undefined || (isWaiting && object === 'thread.run.step'), `left open: ${object}`);
  }
  return flaws;
}

/**
 * Plays a run's events to the strict stream of the official SDK, one stream for each time the run came to a stop, as a
 * client that submits outputs has them. Rejects where the SDK would.
 */
export async function playStrictly(events: WireEvent[]): Promise<{ status: string; texts: string[] }> {
  const segments: WireEvent[][] = [[]];
  for (const event of events) {
    segments.at(-1)!.push(event);
    if (event.event === 'thread.run.requires_action') segments.push([]);
  }
  if (segments.at(-1)!.length === 0) segments.pop();
  const played = await Promise.all(segments.map(playSegment));
  return { status: played.at(-1)!.status, texts: played.flatMap(({ texts }) => texts) };
}

async function playSegment(events: WireEvent[]): Promise<{ status: string; texts: string[] }> {
  const lines = events.map(({ event, data }) => `${JSON.stringify({ event, data })}\n`);
  type Body = Parameters<typeof AssistantStream.fromReadableStream>[0];
  const stream = AssistantStream.fromReadableStream(new Response(lines.join('')).body as unknown as Body);
  const { status } = await stream.finalRun();
  const texts = (await stream.finalMessages()).map(({ content }) =>
    content.map((block) => (block.type === 'text' ? block.text.value : '')).join(''),
  );
  return { status, texts };
}
