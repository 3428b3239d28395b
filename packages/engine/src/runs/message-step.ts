import { createId } from '../ids.ts';
import {
  insertMessage,
  insertStep,
  listMadeFiles,
  saveStep,
  saveWrittenMessage,
} from '../storage/records.ts';
import type { ProviderMetadata, StepPrivate } from '../storage/records.ts';
import {
  nowSeconds,
  type Annotation,
  type EventData,
  type Message,
  type MessageContent,
  type MessageContentDelta,
  type RunStep,
  type Usage,
} from '../wire.ts';
import { citeFiles } from './citations.ts';
import { createStep, type OpenStep, type OpenStepState, type RunScope } from './open-step.ts';
import { annotate, type FileCitation, type Mark } from '../hosted/citations.ts';
import { linkFiles } from './file-links.ts';
import { hasCodeInterpreter } from './prompt.ts';
import { listStepImages } from './run-files.ts';

interface TextBlock {
  /** The provider's id of the block. */
  id: string;
  type: 'text' | 'refusal';
  /** Joined once, when the block is needed whole. */
  fragments: string[];
  /** Markers among them that are not the provider's. */
  marks: Mark[];
}

/** What a message begins with. */
interface FirstText {
  blockId: string;
  text: string;
  type: TextBlock['type'];
}

type MessageDelta = EventData['thread.message.delta'];

/** Writes one message of the assistant, and the step that tells of it. */
export class MessageStep implements OpenStep {
  readonly #scope: RunScope;
  readonly #step: RunStep;
  readonly #details: StepPrivate;
  readonly #message: Message;
  /** Images that Python made stand before the text. */
  readonly #images: MessageContent[];
  readonly #blocks: TextBlock[] = [];
  readonly #citations = new Map<string, FileCitation[]>();

  private constructor(
    scope: RunScope,
    step: RunStep,
    details: StepPrivate,
    message: Message,
    images: MessageContent[],
  ) {
    this.#scope = scope;
    this.#step = step;
    this.#details = details;
    this.#message = message;
    this.#images = images;
  }

  /**
   * Begins a message, with its first text where there is one: stored together, they are read the sooner. It shows every file
   * that the run has made and no message has shown yet.
   */
  static async open(scope: RunScope, details: StepPrivate, first?: FirstText): Promise<MessageStep> {
    const { context, run } = scope;
    const messageId = createId('message');
    return context.events.commit(run.id, async (database, emit) => {
      const files = hasCodeInterpreter(run) ? await listMadeFiles(database, { undeliveredOf: run.id }) : [];
      const shown = files.length > 0 ? await listStepImages(database, run.id) : new Set();
      const images = files.filter(({ id }) => shown.has(id));
      const now = nowSeconds();
      const message: Message = {
        id: messageId,
        object: 'thread.message',
        created_at: now,
        thread_id: run.thread_id,
        status: 'in_progress',
        incomplete_details: null,
        completed_at: null,
        incomplete_at: null,
        role: 'assistant',
        content: [],
        assistant_id: run.assistant_id,
        run_id: run.id,
        attachments: files.map(({ id }) => ({ file_id: id, tools: [{ type: 'code_interpreter' }] })),
        metadata: {},
      };
      const step = createStep(run, { type: 'message_creation', message_creation: { message_id: messageId } });
      await insertMessage(database, message);
      await insertStep(database, step, details);
      emit('thread.run.step.created', step);
      emit('thread.run.step.in_progress', step);
      emit('thread.message.created', message);
      emit('thread.message.in_progress', message);
      if (files.length > 0) {
        await database
          .updateTable('files')
          .set({ message_id: messageId })
          .where('run_id', '=', run.id)
          .where('message_id', 'is', null)
          .execute();
      }
      const blocks = images.map(({ id }) => ({ type: 'image_file' as const, image_file: { file_id: id } }));
      if (blocks.length > 0) {
        emit('thread.message.delta', {
          id: messageId,
          object: 'thread.message.delta',
          delta: { content: blocks.map((block, index) => ({ index, ...block })) },
        });
      }
      const opened = new MessageStep(scope, step, details, message, blocks);
      if (first) emit('thread.message.delta', opened.#write(first.blockId, first.text, first.type));
      return opened;
    });
  }

  /** Adds text to the provider's block of this id; a new id begins a new content block. */
  write(blockId: string, fragment: string, type: TextBlock['type'] = 'text'): void {
    const { context, run } = this.#scope;
    context.events.push(run.id, 'thread.message.delta', this.#write(blockId, fragment, type));
  }

  #write(blockId: string, fragment: string, type: TextBlock['type'] = 'text'): MessageDelta {
    let block = this.#blocks.at(-1);
    const isNew = block?.id !== blockId;
    if (isNew) this.#blocks.push((block = { id: blockId, type, fragments: [], marks: [] }));
    block!.fragments.push(fragment);
    const index = this.#images.length + this.#blocks.length - 1;
    const content: MessageContentDelta =
      block!.type === 'refusal'
        ? { index, type: 'refusal', refusal: fragment }
        : { index, type: 'text', text: { value: fragment, ...(isNew && { annotations: [] }) } };
    return { id: this.#message.id, object: 'thread.message.delta', delta: { content: [content] } };
  }

  /** Adds a marker that the provider's text does not have. */
  mark(blockId: string, marker: string): void {
    this.write(blockId, marker);
    const { fragments, marks } = this.#blocks.at(-1)!;
    const written = fragments.reduce((sum, { length }) => sum + length, 0);
    const marked = marks.reduce((sum, { length }) => sum + length, marker.length);
    marks.push({ at: written - marked, length: marker.length });
  }

  /** Keeps what the provider said about the text, to be given back to it. */
  setMetadata(metadata: ProviderMetadata): void {
    this.#details.metadata = metadata;
  }

  /** Whether a text of this id needs a message of its own: to the provider they are two, to be given back one by one. */
  isSealed(blockId: string): boolean {
    return this.#details.metadata !== undefined && this.#blocks.at(-1)?.id !== blockId;
  }

  /** Files that the provider says the text of this block names. */
  cite(blockId: string, citations: FileCitation[]): void {
    this.#citations.set(blockId, citations);
  }

  /** Ends the message and its step. */
  async complete(usage: Usage | null): Promise<void> {
    const { context, run } = this.#scope;
    const content = this.#content();
    const annotated: MessageContentDelta[] = [];
    for (const [index, block] of content.entries()) {
      if (block.type !== 'text') continue;
      const written = this.#blocks[index - this.#images.length];
      const cited = this.#citations.get(written?.id ?? '') ?? [];
      const links = [
        ...(await linkFiles(context.database, run.thread_id, block.text.value)),
        ...(await citeFiles(context.database, run.thread_id, block.text.value)),
      ];
      block.text.annotations = annotate(block.text.value, links, cited, written?.marks);
      if (block.text.annotations.length > 0) annotated.push(annotationDelta(index, block.text.annotations));
    }
    const now = nowSeconds();
    const message: Message = { ...this.#message, status: 'completed', completed_at: now, content };
    const step: RunStep = { ...this.#step, status: 'completed', completed_at: now, usage };
    await context.events.commit(run.id, async (database, emit) => {
      const saved = await saveWrittenMessage(database, message);
      await saveStep(database, step, { ...this.#details, usage });
      if (annotated.length > 0) {
        emit('thread.message.delta', {
          id: message.id,
          object: 'thread.message.delta',
          delta: { content: annotated },
        });
      }
      emit('thread.message.completed', saved);
      emit('thread.run.step.completed', step);
    });
  }

  snapshot(): OpenStepState {
    return {
      step: this.#step,
      details: this.#details,
      message: { ...this.#message, content: this.#content() },
    };
  }

  #content(): MessageContent[] {
    const blocks = this.#blocks.map(({ type, fragments }): MessageContent => {
      const value = fragments.join('');
      return type === 'refusal' ? { type, refusal: value } : { type, text: { value, annotations: [] } };
    });
    return [...this.#images, ...blocks];
  }
}

function annotationDelta(index: number, annotations: Annotation[]): MessageContentDelta {
  return {
    index,
    type: 'text',
    text: { annotations: annotations.map((annotation, place) => ({ index: place, ...annotation })) },
  };
}
