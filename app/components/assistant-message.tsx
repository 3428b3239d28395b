import type { AssistantMessage } from '@use-assistant/react';
import { memo } from 'react';
import { imageUrlsOf, segmentsOf, type Decide } from '../lib/message-parts.ts';
import { AnswerText } from './answer-text.tsx';
import { CodeInterpreterCard } from './code-interpreter-card.tsx';
import { FileSearchCard } from './file-search-card.tsx';
import { OutputFiles } from './output-files.tsx';
import { Sources } from './sources.tsx';
import { ToolCard } from './tool-card.tsx';

interface AssistantMessageRowProps {
  message: AssistantMessage;
  /** Whether this message is the one being written. */
  active: boolean;
  /** Whether its run was stopped. */
  stopped: boolean;
  onDecide: Decide;
}

/** One answer of the assistant: its text, the code it ran, the functions it called, the files it made. */
export const AssistantMessageRow = memo(function AssistantMessageRow({
  message,
  active,
  stopped,
  onDecide,
}: AssistantMessageRowProps) {
  const segments = segmentsOf(message.parts);
  const images = imageUrlsOf(segments);
  return (
    <article aria-label="Assistant" data-role="assistant" className="arrive flex min-w-0 flex-col gap-4">
      {segments.map((segment) => {
        switch (segment.kind) {
          case 'text':
            return (
              <AnswerText key={segment.key} text={segment.text} streaming={active && segment.streaming} />
            );
          case 'code':
            return (
              <CodeInterpreterCard
                key={segment.key}
                part={segment.part}
                active={active}
                stopped={stopped && segment === segments.at(-1)}
                shownElsewhere={images}
              />
            );
          case 'tool':
            return <ToolCard key={segment.key} part={segment.part} active={active} onDecide={onDecide} />;
          case 'search':
            return <FileSearchCard key={segment.key} part={segment.part} active={active} />;
          case 'files':
            return <OutputFiles key={segment.key} files={segment.files} />;
          case 'sources':
            return <Sources key={segment.key} sources={segment.sources} />;
        }
      })}
      {stopped && !active && <p className="text-sm text-faint">Stopped.</p>}
    </article>
  );
});
