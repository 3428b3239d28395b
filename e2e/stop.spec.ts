import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

test('Stop ends the run on the engine and the thread takes the next message', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask(
    'Run this:\n```python\nimport time\nprint("started", flush=True)\nwhile True:\n    time.sleep(0.1)\n```',
  );
  await expect(chat.code.getByLabel('Printed output')).toContainText('started');
  const thread = await chat.threadId();
  await chat.stop.click();
  await chat.settled();

  // The engine itself says so, to anybody who asks the route again.
  const history = await page.request.get(`${demo.url}/api/assistant/threads/${thread}`);
  expect((await history.json()).run.status).toBe('cancelled');

  await chat.ask('What is 6 * 7?');
  await chat.settled();
  await expect(chat.answers.last()).toContainText('42');
});

test('Stop sends nothing of what is being written meanwhile', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask('Run this:\n```python\nimport time\nprint("started", flush=True)\ntime.sleep(60)\n```');
  await expect(chat.code.getByLabel('Printed output')).toContainText('started');
  await chat.message.fill('What is 6 * 7?');
  await chat.stop.click();
  await chat.settled();
  await expect(chat.message).toHaveValue('What is 6 * 7?');
  await expect(page.getByRole('article')).toHaveCount(2);
});

test('a reload in the middle of a run shows the rest of it', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask(
    'Run this:\n```python\nimport time\nfor n in range(40):\n    print("line", n, flush=True)\n    time.sleep(0.1)\nprint("finished")\n```',
  );
  await expect(chat.code.getByLabel('Printed output')).toContainText('line 3');
  await page.reload();
  await expect(chat.code.getByLabel('Printed output')).toContainText('line 4');
  await chat.settled();
  const printed = (await chat.code.getByLabel('Printed output').textContent())!.trim().split('\n');
  expect(printed).toEqual([...Array.from({ length: 40 }, (_, n) => `line ${n}`), 'finished']);
});
