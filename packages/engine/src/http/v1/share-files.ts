import type { Assistant, ToolResources } from '../../wire.ts';
import { ApiError } from '../errors.ts';
import { withFiles } from '../tool-resources.ts';
import type { V2 } from '../v1-dialect.ts';
import { inV2 } from './requests.ts';

/**
 * Gives the files of a v1 assistant to the tools that it has, as v2 says it: to the list of code interpreter, and to a
 * vector store. What v2 has added there stays.
 */
export async function shareFiles(
  v2: V2,
  request: Request,
  assistantId: string,
  files: { removed: string[]; wanted: string[] },
): Promise<void> {
  const { removed, wanted } = files;
  const ask = (method: string, path: string, body?: unknown) =>
    v2(inV2(request, body, { method, path: `/v1${path}` }));
  const assistant = await answer<Assistant>(await ask('GET', `/assistants/${assistantId}`));
  const has = (type: string) => assistant.tools.some((tool) => tool.type === type);
  const resources: ToolResources & { file_search?: object | undefined } = { ...assistant.tool_resources };

  const listed = (resources.code_interpreter?.file_ids ?? []).filter((id) => !removed.includes(id));
  // All that v1 asks for has room; what v2 has added beside it may not.
  const python = has('code_interpreter') ? withFiles(listed, wanted) : listed;
  if (python.length > 0 || resources.code_interpreter) resources.code_interpreter = { file_ids: python };

  const storeId = resources.file_search?.vector_store_ids?.[0];
  if (storeId === undefined) {
    if (has('file_search') && wanted.length > 0) {
      resources.file_search = { vector_stores: [{ file_ids: wanted }] } as object;
    }
  } else {
    const path = `/vector_stores/${storeId}/files`;
    for (const id of removed) await ask('DELETE', `${path}/${id}`);
    if (has('file_search')) {
      const page = await answer<{ data: { id: string }[] }>(await ask('GET', `${path}?limit=100`));
      const known = new Set(page.data.map(({ id }) => id));
      for (const id of wanted) {
        if (!known.has(id)) await answer(await ask('POST', path, { file_id: id }));
      }
    }
  }
  await answer(await ask('POST', `/assistants/${assistantId}`, { tool_resources: resources }));
}

/** What v2 answers; a refusal of v2 is thrown on. */
async function answer<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const { error } = (await response.json()) as ReturnType<ApiError['toBody']>;
  throw new ApiError(response.status as 400, error.message, error);
}
