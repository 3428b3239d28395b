import type { ChatMessage } from '@use-assistant/react';
import { memo } from 'react';
import { AnswerText } from './answer-text.tsx';
import { CodeInterpreter } from './code-interpreter.tsx';
import { OutputFile } from './output-file.tsx';
import { ToolCall } from './tool-call.tsx';

type Part = ChatMessage['parts'][number];

/** What was asked, with its files. */
function Asked({ part }: { part: Part }) {
  if (part.type === 'text') return <p>{part.text}</p>;
  if (part.type !== 'file') return null;
  return (
    <a className="chip" href={part.url} download={part.filename}>
      {part.filename}
    </a>
  );
}

/** A part of the answer: text, Python, a function, a file, or what the route adds. */
function Answered({ part }: { part: Part }) {
  if (part.type === 'text') return <AnswerText part={part} />;
  if (part.type === 'data-file') return <OutputFile file={part.data} />;
  if (part.type === 'data-message') return <Note data={part.data.data} />;
  if (part.type === 'tool-code_interpreter') return <CodeInterpreter part={part} />;
  return 'toolCallId' in part ? <ToolCall part={part} /> : null;
}

function Note({ data }: { data: unknown }) {
  const { note } = data as { note?: unknown };
  return typeof note === 'string' ? <p className="note">{note}</p> : null;
}

/** A message, its parts in their order. */
export const Message = memo(function Message({ message: { role, parts } }: { message: ChatMessage }) {
  const isAnswer = role === 'assistant';
  const Each = isAnswer ? Answered : Asked;
  return (
    <article aria-label={isAnswer ? 'Tutor' : 'You'} className={role}>
      {parts.map((part, index) => (
        // Parts are only ever added at the end.
        // oxlint-disable-next-line react/no-array-index-key
        <Each key={index} part={part} />
      ))}
    </article>
  );
});
