import { memo, useEffect, useRef } from 'react';
import { pythonTokens } from '../lib/python-tokens.ts';

// Colouring reads the whole text again on every token; a text longer than this stays plain until it is complete.
const liveLimit = 6_000;

interface PythonCodeProps {
  code: string;
  writing: boolean;
}

/** Python, lightly coloured; follows its own end while it is being written, and makes room once it is. */
export const PythonCode = memo(function PythonCode({ code, writing }: PythonCodeProps) {
  const frame = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (frame.current) frame.current.scrollTop = writing ? frame.current.scrollHeight : 0;
  }, [code, writing]);
  const tokens = writing && code.length > liveLimit ? [{ text: code }] : pythonTokens(code);
  let offset = 0;
  return (
    <pre
      ref={frame}
      tabIndex={0}
      aria-label="Python code"
      className={`overflow-auto font-mono text-[13px] leading-[1.65] ${writing ? 'max-h-80' : 'max-h-52'}`}
    >
      <code>
        {tokens.map((token) => {
          const key = offset;
          offset += token.text.length;
          return token.kind ? (
            <span key={key} className={`python-${token.kind}`}>
              {token.text}
            </span>
          ) : (
            token.text
          );
        })}
      </code>
    </pre>
  );
});
