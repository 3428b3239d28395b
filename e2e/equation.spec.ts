import { ChatPage, watchTexts } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

const question = 'I need to solve the equation `3x + 11 = 14`. Can you help me?';

test('an equation is solved in Python, live, and the thread is there after a reload', async ({
  page,
  demo,
}) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  const statuses = await watchTexts(page, '[data-testid=run-status]');
  const codes = await watchTexts(page, 'section[aria-label="Code interpreter"] code');
  const answers = await watchTexts(page, 'article[aria-label=Assistant]');

  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await chat.ask(question);
  await chat.settled();

  // The status went through the run's own states. In one process a run is queued for less than a frame, so the page
  // may not have drawn that; the stream has said it.
  const streamed = [...(await (await answered).text()).matchAll(/"status":"(\w+)"/g)].map(
    (match) => match[1],
  );
  expect(streamed.slice(0, 2)).toEqual(['queued', 'in_progress']);
  expect((await statuses()).join('\n')).toContain('In progress');

  // The Python was written bit by bit, ran, and printed.
  const written = await codes();
  expect(written.length).toBeGreaterThan(3);
  expect(written.at(-1)!.startsWith(written[1]!.slice(0, 5))).toBe(true);
  await expect(chat.code.getByLabel('Printed output')).toContainText('1');

  // The answer came word by word.
  expect((await answers()).length).toBeGreaterThan(5);
  await expect(chat.answers.last()).toContainText('x = 1');

  // A reload shows the same thread, to the word.
  const thread = await chat.threadId();
  const before = await chat.answers.last().textContent();
  await page.reload();
  await expect(chat.answers.last()).toContainText('x = 1');
  expect(await chat.threadId()).toBe(thread);
  expect(await chat.answers.last().textContent()).toBe(before);
  await expect(page.getByText('3x + 11 = 14').first()).toBeVisible();

  // And the thread goes on.
  await chat.ask('And what is 17 * 3?');
  await chat.settled();
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.answers.last()).toContainText('51');
});
