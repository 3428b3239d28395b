import type { EngineContext } from '../../engine-context.ts';
import { toV1Event, V1Translator } from './translator.ts';

/** The response in v1: JSON at once, a stream event by event as it is read. */
export async function translateResponse(context: EngineContext, response: Response): Promise<Response> {
  const translator = new V1Translator(context.database);
  const type = response.headers.get('content-type') ?? '';
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (type.startsWith('application/json')) {
    const body: unknown = await response.json();
    return new Response(JSON.stringify(await translator.translate(body)), { status, headers });
  }
  if (!type.startsWith('text/event-stream') || !response.body) return response;
  return new Response(response.body.pipeThrough(translateEvents(translator)), { status, headers });
}

/** Frames of our own making: fields stand on lines of their own, a blank line ends the frame. */
function translateEvents(translator: V1Translator): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  return new TransformStream({
    async transform(chunk, controller) {
      const frames = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = frames.pop()!;
      let text = '';
      for (const frame of frames) text += `${await translateFrame(translator, frame)}\n\n`;
      if (text !== '') controller.enqueue(encoder.encode(text));
    },
  });
}

async function translateFrame(translator: V1Translator, frame: string): Promise<string> {
  const lines: string[] = [];
  for (const line of frame.split('\n')) {
    if (line.startsWith('event: ')) lines.push(`event: ${toV1Event(line.slice(7))}`);
    else if (line.startsWith('data: {')) {
      lines.push(`data: ${JSON.stringify(await translator.translate(JSON.parse(line.slice(6))))}`);
    } else lines.push(line);
  }
  return lines.join('\n');
}
