import { createId } from '../ids.js';
import { insertMessage, insertStep, listMadeFiles, saveObject, saveStep } from '../storage/records.js';
import { nowSeconds } from '../wire.js';
import { createStep } from './open-step.js';
import { linkFiles } from './file-links.js';
const imageName = /\.(?:png|jpe?g|gif|webp|svg|bmp)$/i;
/** Writes one message of the assistant, and the step that tells of it. */
export class MessageStep {
  #scope;
  #step;
  #details;
  #message;
  /** Images that Python made stand before the text. */
  #images;
  #blocks = [];
  constructor(scope, step, details, message, images) {
    this.#scope = scope;
    this.#step = step;
    this.#details = details;
    this.#message = message;
    this.#images = images;
  }
  /** Begins a message. It shows every file that the run has made and no message has shown yet. */
  static async open(scope, details) {
    const { context, run } = scope;
    const messageId = createId('message');
    return context.events.commit(run.id, async (database, emit) => {
      const files = await listMadeFiles(database, { undeliveredOf: run.id });
      const images = files.filter(({ name }) => imageName.test(name));
      const now = nowSeconds();
      const message = {
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
      const blocks = images.map(({ id }) => ({ type: 'image_file', image_file: { file_id: id } }));
      if (blocks.length > 0) {
        emit('thread.message.delta', {
          id: messageId,
          object: 'thread.message.delta',
          delta: { content: blocks.map((block, index) => ({ index, ...block })) },
        });
      }
      return new MessageStep(scope, step, details, message, blocks);
    });
  }
  /** Adds text to the provider's block of this id; a new id begins a new content block. */
  write(blockId, fragment, type = 'text') {
    let block = this.#blocks.at(-1);
    const isNew = block?.id !== blockId;
    if (isNew) this.#blocks.push((block = { id: blockId, type, fragments: [] }));
    block.fragments.push(fragment);
    const index = this.#images.length + this.#blocks.length - 1;
    this.#push(
      block.type === 'refusal'
        ? { index, type: 'refusal', refusal: fragment }
        : { index, type: 'text', text: { value: fragment, ...(isNew && { annotations: [] }) } },
    );
  }
  /** Keeps what the provider said about the text, to be given back to it. */
  setMetadata(metadata) {
    this.#details.metadata = metadata;
  }
  /** Ends the message and its step. */
  async complete(usage) {
    const { context, run } = this.#scope;
    const content = this.#content();
    const annotated = [];
    for (const [index, block] of content.entries()) {
      if (block.type !== 'text') continue;
      block.text.annotations = await linkFiles(context.database, run.thread_id, block.text.value);
      if (block.text.annotations.length > 0) annotated.push(annotationDelta(index, block.text.annotations));
    }
    const now = nowSeconds();
    const message = { ...this.#message, status: 'completed', completed_at: now, content };
    const step = { ...this.#step, status: 'completed', completed_at: now, usage };
    await context.events.commit(run.id, async (database, emit) => {
      await saveObject(database, 'messages', message);
      await saveStep(database, step, { ...this.#details, usage });
      if (annotated.length > 0) {
        emit('thread.message.delta', {
          id: message.id,
          object: 'thread.message.delta',
          delta: { content: annotated },
        });
      }
      emit('thread.message.completed', message);
      emit('thread.run.step.completed', step);
    });
  }
  snapshot() {
    return {
      step: this.#step,
      details: this.#details,
      message: { ...this.#message, content: this.#content() },
    };
  }
  #content() {
    const blocks = this.#blocks.map(({ type, fragments }) => {
      const value = fragments.join('');
      return type === 'refusal' ? { type, refusal: value } : { type, text: { value, annotations: [] } };
    });
    return [...this.#images, ...blocks];
  }
  #push(content) {
    this.#scope.context.events.push(this.#scope.run.id, 'thread.message.delta', {
      id: this.#message.id,
      object: 'thread.message.delta',
      delta: { content: [content] },
    });
  }
}
function annotationDelta(index, annotations) {
  return {
    index,
    type: 'text',
    text: { annotations: annotations.map((annotation, place) => ({ index: place, ...annotation })) },
  };
}
//# sourceMappingURL=message-step.js.map
