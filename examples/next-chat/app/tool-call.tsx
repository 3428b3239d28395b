import type { ToolPart } from '@use-assistant/react';

/** A function that the tutor has called, with its answer; or a search in the files. */
export function ToolCall({ part: { type, input, output, ...part } }: { part: ToolPart }) {
  const name = 'toolName' in part ? part.toolName : type.slice('tool-'.length);
  const hasInput = typeof input === 'object' && input !== null && Object.keys(input).length > 0;
  return (
    <p className="note">
      <code>
        {name} {hasInput && JSON.stringify(input)}
      </code>{' '}
      {typeof output === 'string' && output}
    </p>
  );
}
