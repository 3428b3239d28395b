import { toStreamError } from './forwarding.ts';
import type { Forwarding, ForwarderOptions } from './forwarding.ts';
import { createResponsesTranslator } from './from-responses.ts';
import type { OpenAIResponse, ResponsesTranslator, ResponseStreamEvent } from './from-responses.ts';

/** Takes Responses events. A run of tools is a chain of responses: each `response.created` begins another. */
export function createResponsesForwarding(
  options: ForwarderOptions,
  tell: () => void,
): Forwarding<ResponseStreamEvent> & { readonly response: OpenAIResponse | undefined } {
  const { writer, findContainerFiles, signal } = options;
  let translator: ResponsesTranslator | undefined;

  async function translateLater(event: ResponseStreamEvent, containerId: string): Promise<void> {
    // Code that ran is shown even when its files cannot be had.
    const files = await findContainerFiles!(containerId, signal).catch(() => {
      signal.throwIfAborted();
      return [];
    });
    writer.writeEvent(translator!.translate(event, files));
  }

  return {
    get response() {
      return translator?.response;
    },
    take(event) {
      if (event.type === 'error') throw toStreamError(event);
      if (!translator || ('response' in event && event.response.id !== translator.response?.id)) {
        translator = createResponsesTranslator(options);
      }
      if (writer.body.isClosed && !('response' in event)) return undefined;
      const containerId = findContainerFiles && translator.containerId(event);
      if (containerId !== undefined) return translateLater(event, containerId);
      const chunks = translator.translate(event);
      if ('response' in event) tell();
      writer.writeEvent(chunks);
      return undefined;
    },
  };
}
