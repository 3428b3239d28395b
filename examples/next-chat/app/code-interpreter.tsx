import type { CodeInterpreterInput, CodeInterpreterOutput } from '@use-assistant/react';

interface CodeInterpreterProps {
  part: { input?: unknown; output?: unknown; errorText?: string | undefined };
}

/** The Python of a call as it is written, and what it printed. Its images stand among the files of the answer. */
export function CodeInterpreter({ part }: CodeInterpreterProps) {
  const input = part.input as string | CodeInterpreterInput | undefined;
  const output = part.output as CodeInterpreterOutput | undefined;
  const logs = output?.outputs.flatMap((each) => (each.type === 'logs' ? [each.logs] : [])).join('\n');
  return (
    <section aria-label="Code interpreter">
      <pre>
        <code>{typeof input === 'string' ? input : input?.code}</code>
      </pre>
      {logs && (
        <pre className="logs">
          <samp>{logs}</samp>
        </pre>
      )}
      {part.errorText && <p className="failure">{part.errorText}</p>}
    </section>
  );
}
