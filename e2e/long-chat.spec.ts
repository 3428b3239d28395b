import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

test('the earlier messages of a long chat come when they are asked for, and what is read stays in its place', async ({
  page,
  demo,
}) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.ask('What is 12% of 250?');
  await chat.settled();
  const threadId = await chat.threadId();
  for (let number = 1; number <= 110; number += 1) {
    const message = {
      id: `note-${number}`,
      role: 'user',
      parts: [{ type: 'text', text: `Note ${number}.` }],
    };
    const data = { threadId, message, trigger: 'append-message' };
    const response = await page.request.post(`${demo.url}/api/assistant`, { data });
    expect(response.ok()).toBe(true);
  }
  await page.reload();
  await expect(page.getByText('Note 110.')).toBeInViewport();
  await expect(page.getByText('Note 11.', { exact: true })).toBeAttached();
  await expect(page.getByText('Note 10.', { exact: true })).toHaveCount(0);

  const earlier = page.getByRole('button', { name: 'Show earlier messages' });
  const first = page.getByText('Note 11.', { exact: true });
  await earlier.scrollIntoViewIfNeeded();
  const before = (await first.boundingBox())!.y;
  await earlier.click();
  await expect(page.getByText('Note 10.', { exact: true })).toBeAttached();
  await expect(earlier).toBeHidden();
  // The button that has gone leaves its own height to what comes.
  await expect.poll(async () => Math.abs((await first.boundingBox())!.y - before)).toBeLessThan(80);
  await expect(chat.answers.first()).toContainText('30');
});
