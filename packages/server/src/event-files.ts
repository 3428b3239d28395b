import type {
  Annotation,
  AnnotationDelta,
  Message,
  MessageContentDelta,
} from 'openai/resources/beta/threads/messages';
import type { RunStep, RunStepDelta } from 'openai/resources/beta/threads/runs/steps';

/** Adds the files that a message brings: attachments first, then images, then what its links point to. */
export function addMessageFileIds(message: Message, ids: Set<string>): void {
  for (const attachment of message.attachments ?? []) {
    if (attachment.file_id) ids.add(attachment.file_id);
  }
  for (const block of message.content) {
    if (block.type === 'image_file') ids.add(block.image_file.file_id);
    if (block.type !== 'text') continue;
    for (const annotation of block.text.annotations) {
      if (annotation.type === 'file_path') ids.add(annotation.file_path.file_id);
    }
  }
}

/** The files that a message cites: not its own, but their names are shown. */
export function citedFileIds(message: Message): Set<string> {
  const ids = new Set<string>();
  for (const block of message.content) {
    if (block.type !== 'text') continue;
    for (const annotation of block.text.annotations) {
      if (annotation.type === 'file_citation') ids.add(annotation.file_citation.file_id);
    }
  }
  return ids;
}

/** The images that code made in a step. */
export function addStepFileIds(step: Pick<RunStep, 'step_details'> | RunStepDelta, ids: Set<string>): void {
  const details = step.step_details;
  if (details?.type !== 'tool_calls') return;
  for (const call of details.tool_calls ?? []) {
    if (call.type !== 'code_interpreter') continue;
    for (const output of call.code_interpreter?.outputs ?? []) {
      if (output.type === 'image' && output.image?.file_id) ids.add(output.image.file_id);
    }
  }
}

/** The files that a piece of a message names, with the name in the sandbox where a link says it. */
export function messageDeltaFiles(content: readonly MessageContentDelta[]): Map<string, string | undefined> {
  const files = new Map<string, string | undefined>();
  for (const block of content) {
    if (block.type === 'image_file' && block.image_file?.file_id)
      files.set(block.image_file.file_id, undefined);
    if (block.type !== 'text') continue;
    for (const annotation of block.text?.annotations ?? []) {
      const id = pathFileId(annotation);
      if (id !== undefined) files.set(id, sandboxName(annotation.text));
    }
  }
  return files;
}

function pathFileId(annotation: Annotation | AnnotationDelta): string | undefined {
  return annotation.type === 'file_path' ? annotation.file_path?.file_id : undefined;
}

function sandboxName(link: string | undefined): string | undefined {
  const match = link === undefined ? null : /^sandbox:\/mnt\/data\/(.+)$/.exec(link);
  return match?.[1];
}
