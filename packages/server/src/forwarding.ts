import { AssistantError } from '@use-assistant/protocol';
import type { FindContainerFiles } from './container-files.ts';
import type { AssistantsEvent, AssistantsTranslatorOptions } from './from-assistants.ts';
import type { LookUpFiles } from './output-files.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { NeedsApproval } from './tool-approvals.ts';

/** What forwarding needs. */
export interface ForwarderOptions extends AssistantsTranslatorOptions {
  writer: ResponseWriter;
  lookUpFiles?: LookUpFiles | undefined;
  findContainerFiles?: FindContainerFiles | undefined;
  needsApproval?: NeedsApproval | undefined;
  /** Ends forwarding; the source is let go at once. */
  signal: AbortSignal;
  /** Whether this event and all before it are kept from the reader, who has them or does not want them. */
  isHidden?: ((event: AssistantsEvent) => boolean) | undefined;
}

/** How one kind of stream is taken. */
export interface Forwarding<Event> {
  /** Takes the next event. Gives a promise only when there is something to wait for: deltas come by the thousand. */
  take(event: Event): Promise<void> | undefined;
}

/** The error that a stream itself reports; its text is the engine's and not meant for the browser. */
export function toStreamError(data: unknown): AssistantError {
  const details = (data as ({ error?: { message?: string } } & { message?: string }) | undefined) ?? {};
  const message = details.error?.message ?? details.message ?? 'The stream reported an error.';
  return new AssistantError('run_failed', message, { cause: data });
}
