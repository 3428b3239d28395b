import type { ProviderMetadata, StepPrivate } from '../storage/records.ts';
import { type Usage } from '../wire.ts';
import { type OpenStep, type OpenStepState, type RunScope } from './open-step.ts';
interface TextBlock {
  /** The provider's id of the block. */
  id: string;
  type: 'text' | 'refusal';
  /** Joined once, when the block is needed whole. */
  fragments: string[];
}
/** Writes one message of the assistant, and the step that tells of it. */
export declare class MessageStep implements OpenStep {
  #private;
  private constructor();
  /** Begins a message. It shows every file that the run has made and no message has shown yet. */
  static open(scope: RunScope, details: StepPrivate): Promise<MessageStep>;
  /** Adds text to the provider's block of this id; a new id begins a new content block. */
  write(blockId: string, fragment: string, type?: TextBlock['type']): void;
  /** Keeps what the provider said about the text, to be given back to it. */
  setMetadata(metadata: ProviderMetadata): void;
  /** Ends the message and its step. */
  complete(usage: Usage | null): Promise<void>;
  snapshot(): OpenStepState;
}
export {};
//# sourceMappingURL=message-step.d.ts.map
