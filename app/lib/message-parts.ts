import type {
  AssistantMessage,
  CodeInterpreterInput,
  CodeInterpreterOutput,
  OutputFileData,
} from '@use-assistant/react';
import { citedText, type Source } from './cited-text.ts';

type MessagePart = AssistantMessage['parts'][number];

interface ToolPart {
  toolCallId: string;
  state: string;
  errorText?: string | undefined;
  preliminary?: boolean | undefined;
}

/** A call of the engine's code interpreter. */
export interface CodeInterpreterPart extends ToolPart {
  /** Raw Python while it is being written, the tool's input once it is complete. */
  input?: string | CodeInterpreterInput | undefined;
  output?: CodeInterpreterOutput | undefined;
}

/** A call of one of the app's own functions. */
export interface FunctionToolPart extends ToolPart {
  toolName: string;
  input?: unknown;
  output?: unknown;
  /** What a person is, or was, asked before it runs. */
  approval?: { id: string; approved?: boolean | undefined } | undefined;
}

/** Says yes or no to a call that asks first. */
export type Decide = (decision: { id: string; approved: boolean }) => void;

/** What an assistant message shows, in its order; files that follow one another stand together. */
export type Segment =
  | { kind: 'text'; key: string; text: string; streaming: boolean }
  | { kind: 'code'; key: string; part: CodeInterpreterPart }
  | { kind: 'tool'; key: string; part: FunctionToolPart }
  | { kind: 'search'; key: string; part: FunctionToolPart }
  | { kind: 'files'; key: string; files: OutputFileData[] }
  | { kind: 'sources'; key: string; sources: Source[] };

/** Reads the parts of an assistant message as what is to be shown; parts that nobody looks at fall away. */
export function segmentsOf(parts: readonly MessagePart[]): Segment[] {
  const segments: Segment[] = [];
  const shown = new Set<string>();
  const sources: Source[] = [];
  for (const part of parts) if (part.type === 'data-file') shown.add(part.data.url);

  const addFile = (key: string, file: OutputFileData) => {
    const last = segments.at(-1);
    if (last?.kind === 'files') last.files.push(file);
    else segments.push({ kind: 'files', key, files: [file] });
  };

  for (const [index, part] of parts.entries()) {
    const key = String(index);
    if (part.type === 'text') {
      const text = citedText(part, sources);
      if (text.trim() === '') continue;
      segments.push({ kind: 'text', key, text, streaming: part.state === 'streaming' });
    } else if (part.type === 'tool-code_interpreter') {
      segments.push({ kind: 'code', key: part.toolCallId, part: part as CodeInterpreterPart });
    } else if (part.type === 'dynamic-tool') {
      segments.push({ kind: 'tool', key: part.toolCallId, part });
    } else if (part.type.startsWith('tool-') && 'toolCallId' in part) {
      const toolName = part.type.slice('tool-'.length);
      const kind = toolName === 'file_search' ? 'search' : 'tool';
      segments.push({ kind, key: part.toolCallId, part: { ...part, toolName } });
    } else if (part.type === 'data-file') {
      addFile(key, part.data);
    } else if (part.type === 'file' && !shown.has(part.url)) {
      // A route without our data parts still names its files this way; their size is not known then.
      const name = part.filename ?? 'file';
      addFile(key, { id: part.url, name, mediaType: part.mediaType, size: 0, url: part.url });
    }
  }
  if (sources.length > 0) segments.push({ kind: 'sources', key: 'sources', sources });
  return segments;
}

/** The URLs of the images that a message shows as files. */
export function imageUrlsOf(segments: readonly Segment[]): Set<string> {
  return new Set(
    segments.flatMap((segment) => (segment.kind === 'files' ? segment.files.map((file) => file.url) : [])),
  );
}

/** The text of a message, for the clipboard and for short names. */
export function textOf(message: AssistantMessage): string {
  return message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}
