import { expect, test } from '@playwright/test';
import { type Example, startExample } from './support/example.ts';

let example: Example;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  example = await startExample('deep-chat');
});
test.afterAll(() => example.stop());

test('Deep Chat holds one conversation with text and files, streamed, and shows what goes wrong', async ({
  page,
}) => {
  const threads = new Set<string>();
  page.on('request', (request) => {
    const id = /thread_id\D+?(thread_\w+)/s.exec(request.postData() ?? '')?.[1];
    if (id) threads.add(id);
  });
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(example.url)) foreign.push(request.url());
  });
  await page.goto(example.url);
  const input = page.locator('#text-input');
  const answers = page.locator('.ai-message-text');
  const ask = async (text: string): Promise<void> => {
    await input.click();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };

  await ask('What are the stock prices of Apple and Meta?');
  await expect(answers.last()).toContainText('231.50 USD');
  await expect(answers.last()).toContainText('612.20 USD');

  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.locator('#upload-mixed-files-icon').click(),
  ]);
  await chooser.setFiles({
    name: 'sales.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('month,sales\n2026-01-01,10\n2026-02-01,12\n2026-03-01,17\n'),
  });
  await ask('plot the trend and give me the cleaned data');
  const chart = page.locator('.image-message img').last();
  await expect
    .poll(() => chart.evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0)))
    .toBeGreaterThan(200);
  await expect(page.getByText('sales-cleaned.csv').first()).toBeVisible();

  await ask('How warm is it in the kitchen?');
  await expect(answers.last()).toContainText('22 °C');
  expect(threads.size).toBe(1);
  expect(foreign).toEqual([]);

  await page.context().clearCookies();
  await ask('Am I somebody else now?');
  await expect(page.getByText('This conversation is gone.')).toBeVisible();
});
