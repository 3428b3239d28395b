import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { fileSearchTool } from '../../../tools/file-search.ts';
import {
  codeInterpreterTool,
  converse,
  functionTool,
  streamTurn,
  type Run,
} from '../test-support/converse.ts';

const passages = [
  {
    citation: '【1:0†guide.pdf】',
    text: 'Welcome. Returns are free for thirty days. Write to us first.\n\nOther matters follow.',
  },
  { citation: '【1:1†hours.txt】', text: 'We open at nine.' },
];

/** Asks with these files at hand; what the search answers is given. */
function ask(
  question: string,
  options: { files?: string[]; results?: typeof passages; tools?: LanguageModelV4FunctionTool[] } = {},
): Promise<Run> {
  const { files = [], results = passages, tools = [] } = options;
  const list = `Files to search:\n${files.map((file) => `- ${file}`).join('\n')}`;
  const content = [question, ...(files.length > 0 ? [list] : [])].map((text) => ({
    type: 'text' as const,
    text,
  }));
  return converse([{ role: 'user', content }], [fileSearchTool(), ...tools], async () => ({
    type: 'text',
    value: JSON.stringify({ results }),
  }));
}

describe('the file search rule', () => {
  it('searches for the question when a document is attached, and quotes with the marker', async () => {
    const { turns, text } = await ask('Are returns free?', { files: ['guide.pdf'] });
    expect(turns).toEqual([[{ toolName: 'file_search', input: { query: 'Are returns free?' } }]]);
    expect(text).toContain('In **guide.pdf** I found:');
    expect(text).toContain('> Returns are free for thirty days. Write to us first.');
    expect(text).toContain('【1:0†guide.pdf】');
    expect(text).not.toContain('hours.txt');
    expect(text).toContain('a handful of rules');
  });

  it('searches when the question speaks of a document, before it calls a function or Python', async () => {
    const tools = [codeInterpreterTool, functionTool('get_return_policy', 'The return policy', {})];
    const { turns } = await ask('What does the guide say about the return policy?', { tools });
    expect(turns[0]).toMatchObject([{ toolName: 'file_search' }]);
  });

  it('looks into the files for what it does not know, and says what it can when they do not know either', async () => {
    const known = await ask('When do you open?');
    expect(known.text).toContain('> We open at nine. 【1:1†hours.txt】');
    const unknown = await ask('Who wrote Hamlet?');
    expect(unknown.turns).toHaveLength(1);
    expect(unknown.text).toContain('I am the offline model');
    expect(unknown.text).toContain('quote your documents');
  });

  it('quotes the beginning when no word is found, and says so when there is nothing', async () => {
    const start = await ask('Summarize it', { files: ['guide.pdf'] });
    expect(start.text).toContain('This is how **guide.pdf** and **hours.txt** begin:');
    expect(start.text).toContain('> Welcome. Returns are free for thirty days.');
    const nothing = await ask('Returns?', { files: ['guide.pdf'], results: [] });
    expect(nothing.text).toContain('found nothing');
  });

  it('quotes the sentence of a Markdown file that answers, up to the next heading and without its marks', async () => {
    const handbook =
      '# Handbook\n\nWe open at nine.\n\n## Holidays\n\n- Everybody has thirty days of holiday a year.\n\n## Pay\n\nMonthly.';
    const results = [{ citation: '【1:0†handbook.md】', text: handbook }];
    const told = await ask('What does the handbook say about holidays?', { files: ['handbook.md'], results });
    expect(told.text).toContain('\n> Everybody has thirty days of holiday a year. 【1:0†handbook.md】\n');
    const heading = await ask('What does it say about pay?', { files: ['handbook.md'], results });
    expect(heading.text).toContain('\n> **Pay** Monthly. 【1:0†handbook.md】\n');
  });

  it('leaves greetings, calculations and tables alone', async () => {
    expect((await ask('Hello!')).turns).toEqual([]);
    const { calls } = await streamTurn({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'What is 12% of 250?' }] }],
      tools: [fileSearchTool(), codeInterpreterTool],
    });
    expect(calls).toMatchObject([{ toolName: 'code_interpreter' }]);
  });
});
