import type OpenAI from 'openai';
import type { Run } from 'openai/resources/beta/threads/runs';

/** The Python that a run has run, with what it printed as comments: read from the run's steps. Empty when it ran none. */
export async function readWorkings(openai: OpenAI, { id, thread_id }: Run): Promise<string> {
  const cells: string[] = [];
  for await (const { step_details } of openai.beta.threads.runs.steps.list(id, { thread_id, order: 'asc' })) {
    if (step_details.type !== 'tool_calls') continue;
    for (const call of step_details.tool_calls) {
      if (call.type !== 'code_interpreter') continue;
      const { input, outputs } = call.code_interpreter;
      const logs = outputs
        .map((output) => (output.type === 'logs' ? output.logs.trim() : ''))
        .join('\n')
        .trim();
      cells.push(`${input.trim()}\n${logs && logs.replaceAll(/^/gm, '# ')}`.trim());
    }
  }
  return cells.map((cell) => `${cell}\n`).join('\n');
}
