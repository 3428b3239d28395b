import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

test('a Python exception is explained and leaves the thread usable', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask('Run this:\n```python\nvalues = [1, 2, 3]\nprint(values[7])\n```');
  await chat.settled();
  await expect(chat.code.getByLabel('Printed output')).toContainText('IndexError: list index out of range');
  await expect(chat.answers.last()).toContainText('list index out of range');
  await chat.ask('What is 2 + 3?');
  await chat.settled();
  await expect(chat.answers.last()).toContainText('5');
});

test('a wrong model name reaches the page as a sentence, and the right one answers in the same thread', async ({
  page,
  ownDemo,
  modelServer,
}) => {
  const server = await modelServer({
    models: ['good-model'],
    reply: () => ['Hello ', 'from ', 'the stand-in.'],
  });
  const env = { OPENAI_BASE_URL: server.url, ASSISTANT_MODEL: 'no-such-model' };
  const wrong = await ownDemo({ env });
  const chat = new ChatPage(page);
  await chat.open(wrong.url);
  await chat.ask('Hello?');
  await expect(chat.error).toContainText('no-such-model');
  await expect(chat.error).toContainText(/not found|does not exist/i);
  await chat.settled();
  const thread = await chat.threadId();
  await wrong.stop({ keepData: true });

  const right = await ownDemo({ env: { ...env, ASSISTANT_MODEL: 'good-model' }, data: wrong.data });
  await chat.open(`${right.url}/?thread=${thread}`);
  await chat.ask('Hello again?');
  await expect(chat.answers.last()).toContainText('Hello from the stand-in.');
  await chat.settled();
  // The model was given what was said before.
  expect(JSON.stringify(server.requests.at(-1)!.messages)).toContain('Hello?');
});

test('an unreachable model server reaches the page as a sentence and leaves the thread usable', async ({
  page,
  ownDemo,
  modelServer,
}) => {
  const server = await modelServer({ reply: () => [] });
  await server.close();
  const demo = await ownDemo({ env: { OPENAI_BASE_URL: server.url, ASSISTANT_MODEL: 'any' } });
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask('Is anybody there?');
  await expect(chat.error).toContainText(/cannot be reached|could not be reached/);
  await chat.settled();
  // The thread is not locked: the same thing may be asked again, and fails in the same clear way.
  await chat.ask('And now?');
  await expect(chat.error).toContainText(/cannot be reached|could not be reached/);
  await chat.settled();
});

test('a first message that cannot be sent says why and stands in the field again', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await page.context().setOffline(true);
  await chat.ask('What is 2 + 3?');
  await expect(chat.error).toContainText('could not be reached');
  await expect(chat.message).toHaveValue('What is 2 + 3?');
  await page.context().setOffline(false);
  await chat.error.getByRole('button', { name: 'Try again' }).click();
  await expect(chat.answers.last()).toContainText('5');
  await chat.settled();
});

test('a link into the sandbox leads to the file, also when the model names it before it is handed in', async ({
  page,
  ownDemo,
  modelServer,
}) => {
  const server = await modelServer({
    reply: () => ['Here is ', '[the data](sandbox:/mnt/data/a b.csv).'],
  });
  const demo = await ownDemo({ env: { OPENAI_BASE_URL: server.url, ASSISTANT_MODEL: 'stand-in' } });
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask('The data, please.');
  await chat.settled();
  const link = chat.answers.last().getByRole('link', { name: 'the data' });
  const thread = await chat.threadId();
  await expect(link).toHaveAttribute('href', `/api/assistant/threads/${thread}/files/a%20b.csv`);
});
