/** Events of a run that were stored together: numbered on from `first`, encoded once, stored and sent as the same bytes. */
export interface EventBatch {
  first: number;
  last: number;
  /** A stream of the run may end here, and nowhere within the batch. */
  isStop: boolean;
  /** Server-sent events, one after the other. */
  frames: Uint8Array;
}

/** An event that has no number yet; its data is JSON. */
export interface NewEvent {
  event: string;
  data: string;
  isStop?: boolean;
}

/** An event of a batch, its data still JSON. */
export interface ReadEvent {
  sequence: number;
  event: string;
  data: string;
}

/** Characters of a batch, about: whoever reads on from within holds all of it. */
const batchLength = 32 * 1024;

/** Numbers the events on from `first` and encodes them: one batch, or more where they are large or one may end a stream. */
export function toBatches(first: number, events: NewEvent[]): EventBatch[] {
  const batches: EventBatch[] = [];
  let sequence = first;
  let begin = first;
  let text = '';
  for (let index = 0; index < events.length; index++) {
    const { event, data, isStop = false } = events[index]!;
    text += `id: ${sequence}\nevent: ${event}\ndata: ${data}\n\n`;
    if (isStop || index === events.length - 1 || text.length >= batchLength) {
      batches.push({ first: begin, last: sequence, isStop, frames: Buffer.from(text) });
      begin = sequence + 1;
      text = '';
    }
    sequence += 1;
  }
  return batches;
}

/** What of the batch comes after `position`; there is something. */
export function after(batch: EventBatch, position: number): EventBatch {
  if (position < batch.first) return batch;
  const frames = Buffer.from(batch.frames.buffer, batch.frames.byteOffset, batch.frames.byteLength);
  let start = 0;
  for (let sequence = batch.first; sequence <= position; sequence++)
    start = frames.indexOf('\n\n', start) + 2;
  return { ...batch, first: position + 1, frames: frames.subarray(start) };
}

/** The events of a batch, one by one. Their data holds no line break, for it is JSON. */
export function* readEvents({ first, frames }: EventBatch): Generator<ReadEvent> {
  let sequence = first;
  for (const frame of new TextDecoder().decode(frames).split('\n\n')) {
    if (frame === '') continue;
    const [, event, data] = frame.split('\n');
    yield { sequence: sequence++, event: event!.slice('event: '.length), data: data!.slice('data: '.length) };
  }
}
