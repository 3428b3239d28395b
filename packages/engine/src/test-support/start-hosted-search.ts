import type OpenAI from 'openai';
import { startHosted, type HostedEngine } from './start-hosted.ts';

export const guide = 'Returns are free.\n\nShipping to Norway takes five days.';
export const hours = 'We are open on all days.';

export interface HostedSearch extends HostedEngine {
  /** May search files. */
  assistant_id: string;
  /** Its message brings the guide. */
  threadId: string;
  fileId: string;
  /** The thread's own. */
  storeId: string;
  /** Makes an assistant with a store of its own, whose files can be searched. */
  searcher(fileIds: string[], tools?: OpenAI.Beta.AssistantTool[]): Promise<string>;
}

/** An engine whose file search is a stand-in for OpenAI's, with a thread whose message brings a guide. */
export async function startHostedSearch(
  answer: Parameters<typeof startHosted>[0],
  options: Parameters<typeof startHosted>[1] = {},
): Promise<HostedSearch> {
  const started = await startHosted(answer, options);
  const { openai, threads } = started;
  const assistant_id = await started.assistant({ model: 'gpt-5', tools: [{ type: 'file_search' }] });
  const fileId = await upload(openai, 'guide.txt', guide);
  const attachments = [{ file_id: fileId, tools: [{ type: 'file_search' as const }] }];
  const { id, tool_resources: resources } = await threads.create({
    messages: [{ role: 'user', content: 'How long?', attachments }],
  });
  const [storeId] = resources!.file_search!.vector_store_ids!;
  const searcher = async (fileIds: string[], tools: OpenAI.Beta.AssistantTool[] = []) => {
    const store = await openai.vectorStores.create({ file_ids: fileIds });
    for (const file of fileIds) await openai.vectorStores.files.poll(store.id, file, { pollIntervalMs: 1 });
    return started.assistant({
      model: 'gpt-5',
      tools: tools.some(({ type }) => type === 'file_search') ? tools : [...tools, { type: 'file_search' }],
      tool_resources: { file_search: { vector_store_ids: [store.id] } },
    });
  };
  return { ...started, assistant_id, fileId, threadId: id, storeId: storeId!, searcher };
}

export async function upload(openai: OpenAI, name: string, text: string): Promise<string> {
  const { id } = await openai.files.create({ file: new File([text], name), purpose: 'assistants' });
  return id;
}
