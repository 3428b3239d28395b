import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../test-support/start-process.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/**
 * What openai-python sends, by Python's own library: headers, an empty body with a content type, a form whose fields come
 * before its file, `include[]`, polling by the header of the answer, a stream line by line.
 */
const program = `
import json, sys, time, urllib.error, urllib.request
base = sys.argv[1]
common = {'Authorization': 'Bearer none', 'OpenAI-Beta': 'assistants=v2', 'Accept': 'application/json',
          'User-Agent': 'OpenAI/Python 3.22.1', 'X-Stainless-Lang': 'python', 'X-Stainless-Async': 'false'}

def ask(method, path, body=None, **headers):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {name.replace('_', '-'): value for name, value in headers.items()}
    request = urllib.request.Request(base + path, data, {**common, 'Content-Type': 'application/json', **more}, method=method)
    return urllib.request.urlopen(request)

def call(*args, **headers):
    with ask(*args, **headers) as response:
        return json.load(response)

boundary = '7f3d9c'
def field(name, value, more='', kind=''):
    return f'--{boundary}\\r\\nContent-Disposition: form-data; name="{name}"{more}\\r\\n{kind}\\r\\n'.encode() + value + b'\\r\\n'
form = (field('purpose', b'assistants') + field('expires_after[anchor]', b'created_at') + field('expires_after[seconds]', b'3600')
        + field('file', 'a,b\\n1,2\\n'.encode(), '; filename="Gr\\u00fc\\u00dfe %221%22.csv"', 'Content-Type: text/csv\\r\\n')
        + f'--{boundary}--\\r\\n'.encode())
file = call('POST', '/files', form, Content_Type=f'multipart/form-data; boundary={boundary}')
with ask('GET', f'/files/{file["id"]}/content', Accept='application/binary') as response:
    content = response.read().decode()

assistant = call('POST', '/assistants', {'model': 'offline', 'tools': [{'type': 'file_search'}]})
thread = call('POST', '/threads', {})
call('POST', f'/threads/{thread["id"]}/messages', {'role': 'user', 'content': 'Hello'})
run = call('POST', f'/threads/{thread["id"]}/runs?include[]=step_details.tool_calls[*].file_search.results[*].content',
           {'assistant_id': assistant['id']})
polls = 0
while run['status'] in ('queued', 'in_progress', 'cancelling'):
    with ask('GET', f'/threads/{thread["id"]}/runs/{run["id"]}', X_Stainless_Poll_Helper='true') as response:
        after = response.headers['openai-poll-after-ms']
        run = json.load(response)
    time.sleep(int(after) / 1000)
    polls += 1

refused = {}
for name, args in {'cancel': ('POST', f'/threads/{thread["id"]}/runs/{run["id"]}/cancel', b''),
                   'missing': ('GET', '/threads/thread_x'), 'bad': ('POST', '/assistants', b'{"a')}.items():
    try:
        call(*args)
    except urllib.error.HTTPError as error:
        refused[name] = [error.code, json.load(error)['error']['message'], error.headers['x-request-id'][:4]]

events, text = [], ''
with ask('POST', f'/threads/{thread["id"]}/runs', {'assistant_id': assistant['id'], 'stream': True}) as response:
    kind = response.headers['content-type']
    for line in response:
        line = line.decode().rstrip('\\n')
        if line.startswith('event: '):
            events.append(line[7:])
        elif line.startswith('data: {') and events[-1] == 'thread.message.delta':
            text += json.loads(line[6:])['delta']['content'][0]['text'].get('value', '')
messages = call('GET', f'/threads/{thread["id"]}/messages?limit=1&order=desc')
print(json.dumps({'file': file, 'content': content, 'status': run['status'], 'polls': polls, 'refused': refused, 'kind': kind,
                  'events': events, 'text': text, 'message': messages['data'][0]['content'][0]['text']['value'],
                  'deleted': call('DELETE', f'/assistants/{assistant["id"]}')['deleted']}))
`;

test.skipIf(!hasPython)(
  'a program in Python uploads, runs, polls and streams as with the API it was written for',
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'engine-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const { url } = await startProcess(data);
    const { stdout } = await promisify(execFile)('python3', ['-c', program, url], { timeout: 60_000 });
    const seen = JSON.parse(stdout) as { text: string; events: string[]; file: object };
    expect(seen).toMatchObject({
      file: { filename: 'Grüße "1".csv', bytes: 8, expires_at: expect.any(Number) },
      content: 'a,b\n1,2\n',
      status: 'completed',
      polls: expect.any(Number),
      refused: {
        cancel: [400, "Cannot cancel run with status 'completed'.", 'req_'],
        missing: [404, "No thread found with id 'thread_x'.", 'req_'],
        bad: [400, 'We could not parse the JSON body of your request.', 'req_'],
      },
      kind: 'text/event-stream',
      message: seen.text,
      deleted: true,
    });
    expect(seen.text).not.toBe('');
    expect(seen.events.slice(0, 3)).toEqual([
      'thread.run.created',
      'thread.run.queued',
      'thread.run.in_progress',
    ]);
    expect(seen.events.slice(-3)).toEqual(['thread.run.step.completed', 'thread.run.completed', 'done']);
  },
  90_000,
);
