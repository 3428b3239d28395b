import type { AssistantChunk } from '../chunks.ts';

const citation = {
  source: {
    type: 'source' as const,
    sourceType: 'document' as const,
    id: 's1',
    mediaType: 'text/csv',
    title: 'a.csv',
  },
  startIndex: 0,
  endIndex: 3,
};

/** A run as our route sends it, with a chunk of every type that may end well. */
export const transcript: AssistantChunk[] = [
  {
    type: 'start',
    messageId: 'run_1',
    messageMetadata: { threadId: 'thread_1', runId: 'run_1', createdAt: 1 },
  },
  {
    type: 'data-status',
    data: { threadId: 'thread_1', runId: 'run_1', status: 'in_progress' },
    transient: true,
  },
  { type: 'start-step' },
  { type: 'reasoning-start', id: 'r' },
  { type: 'reasoning-delta', id: 'r', delta: 'Hmm…' },
  { type: 'reasoning-end', id: 'r', providerMetadata: { openai: { itemId: 'rs_1' } } },
  { type: 'reasoning-file', url: '/files/0', mediaType: 'image/png' },
  {
    type: 'tool-input-start',
    toolCallId: 'c1',
    toolName: 'code_interpreter',
    providerExecuted: true,
    inputEncoding: 'text',
  },
  { type: 'tool-input-delta', toolCallId: 'c1', inputTextDelta: 'x = (14 - 11)' },
  { type: 'tool-input-delta', toolCallId: 'c1', inputTextDelta: ' / 3\nprint("é👩‍👩‍👧", x)' },
  {
    type: 'tool-input-available',
    toolCallId: 'c1',
    toolName: 'code_interpreter',
    input: { code: 'x = (14 - 11) / 3\nprint("é👩‍👩‍👧", x)' },
    providerExecuted: true,
  },
  {
    type: 'tool-output-available',
    toolCallId: 'c1',
    output: { outputs: [{ type: 'logs', logs: 'é👩‍👩‍👧 1.0\r\n' }] },
    preliminary: true,
  },
  {
    type: 'tool-output-available',
    toolCallId: 'c1',
    output: { outputs: [{ type: 'image', fileId: 'f', url: '/files/f' }] },
  },
  {
    type: 'tool-input-start',
    toolCallId: 'c2',
    toolName: 'temperature',
    dynamic: true,
    title: 'Temperature',
  },
  { type: 'tool-input-delta', toolCallId: 'c2', inputTextDelta: '{"room":"kit' },
  { type: 'tool-input-delta', toolCallId: 'c2', inputTextDelta: 'chen"}' },
  {
    type: 'tool-input-available',
    toolCallId: 'c2',
    toolName: 'temperature',
    input: { room: 'kitchen' },
    dynamic: true,
  },
  { type: 'tool-approval-request', toolCallId: 'c2', approvalId: 'a2', reason: 'It is cold.' },
  { type: 'tool-approval-response', approvalId: 'a2', approved: true },
  { type: 'tool-output-error', toolCallId: 'c2', errorText: 'The sensor is off.' },
  { type: 'tool-input-error', toolCallId: 'c3', toolName: 'sell', input: '{', errorText: 'Not JSON.' },
  { type: 'tool-input-available', toolCallId: 'c4', toolName: 'sell', input: null },
  { type: 'tool-approval-request', toolCallId: 'c4', approvalId: 'a4', isAutomatic: true },
  { type: 'tool-approval-response', approvalId: 'a4', approved: false, reason: 'No.' },
  { type: 'tool-output-denied', toolCallId: 'c4' },
  { type: 'text-start', id: 'lost' },
  { type: 'reset-step' },
  { type: 'finish-step' },
  { type: 'start-step' },
  { type: 'text-start', id: 'msg_1:0' },
  { type: 'text-delta', id: 'msg_1:0', delta: 'x is 1.\r\n\u2028 👩‍👩‍👧' },
  { type: 'text-delta', id: 'msg_1:0', delta: 'data: {"type":"finish"}\n\n' },
  { type: 'text-end', id: 'msg_1:0', citations: [citation] },
  { type: 'source-url', sourceId: 's0', url: 'https://example.com/', title: 'Example' },
  { type: 'source-document', sourceId: 's1', mediaType: 'text/csv', title: 'a.csv', filename: 'a.csv' },
  { type: 'file', url: '/files/f', mediaType: 'image/png' },
  {
    type: 'data-file',
    id: 'f',
    data: { id: 'f', name: 'f.png', mediaType: 'image/png', size: 1, url: '/files/f' },
  },
  {
    type: 'data-file',
    id: 'f',
    data: { id: 'f', name: 'f.png', mediaType: 'image/png', size: 2, url: '/files/f' },
  },
  { type: 'data-message', data: { role: 'data', data: [1] } },
  { type: 'custom', kind: 'openai.compaction' },
  { type: 'steering-message', id: 'u2', parts: [{ type: 'text', text: 'And y?' }] },
  { type: 'message-metadata', messageMetadata: { assistantId: 'asst_1' } },
  { type: 'finish-step' },
  { type: 'finish', finishReason: 'stop', messageMetadata: { runStatus: 'completed' } },
];

/** The pieces of a small stream in every way that SSE can be written. */
export const oddlyWritten =
  '\uFEFF: hello\r\n\r\nid: run_1:0.0\rdata: {"type":"start"}\r\rdata\n\nretry: 10\nfoo: bar\n' +
  'id: run_1:1.0\r\ndata: {"type":"text-delta",\r\ndata: "id":"é👩‍👧","delta":"x"}\r\n\r\n' +
  'event: ping\ndata: now\n\ndata:{"type":"data-new","data":1}\n\n:\n\ndata: [DONE]\n\ndata: {"type":"abort"}\n\ndata: {"cut';
