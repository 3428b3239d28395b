import { readFile } from 'node:fs/promises';
import { type Locator, type Page, expect, test } from '@playwright/test';
import { startModelServer } from '../packages/test-kit/src/model-server.ts';
import { type Example, startExample } from './support/example.ts';

let example: Example;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  example = await startExample('next-chat');
});
test.afterAll(() => example.stop());

/** Asks as a person does, and gives the answer when it is whole. */
async function ask(page: Page, text: string): Promise<Locator> {
  const answers = page.getByRole('article', { name: 'Tutor' });
  const count = await answers.count();
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(answers).toHaveCount(count + 1);
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
  return answers.last();
}

/** Saves what a link leads to, and gives its name and its text. */
async function save(page: Page, link: Locator): Promise<[name: string, text: string]> {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
}

const hasSize = (image: HTMLImageElement): boolean => image.complete && image.naturalWidth > 200;

test('an equation is solved: its Python, what that printed, the answer, and a file of the route', async ({
  page,
}) => {
  await page.goto(example.url);
  await page.getByRole('button', { name: /3x \+ 11 = 14/ }).click();
  const answer = await ask(page, await page.getByLabel('Message', { exact: true }).inputValue());
  const python = answer.getByRole('region', { name: 'Code interpreter' });
  await expect(python.locator('code')).toContainText('3 * x + 11');
  await expect(python.locator('samp')).toContainText('Solution: x = 1');
  await expect(answer.getByText('So the solution is x = 1')).toBeVisible();
  await expect(answer).toContainText('For Jane Doe, premium account');

  const [name, text] = await save(page, answer.getByRole('link', { name: /workings\.py/ }));
  expect(name).toBe('workings.py');
  expect(text).toMatch(/print\([\s\S]*^# Solution: x = 1/m);
});

test('files: one sent before there is a thread, a chart in place, a table to save, also after a reload, and a citation', async ({
  page,
  browser,
}) => {
  await page.goto(example.url);
  await page.getByLabel('Add files').setInputFiles({
    name: 'sales.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('month,sales\n2026-01-01,10\n,\n2026-02-01,12\n2026-02-01,12\n2026-03-01,17\n'),
  });
  await expect(page.getByRole('list', { name: 'Attached files' })).toContainText('sales.csv');
  const plotted = await ask(page, 'plot the trend and give me the cleaned data');
  await expect(page.getByRole('article', { name: 'You' }).getByRole('link')).toHaveText('sales.csv');
  await expect.poll(() => plotted.getByRole('img').evaluate(hasSize)).toBe(true);
  // Once in the text, where the tutor's link into its sandbox was, and once as a file.
  const links = plotted.getByRole('link', { name: /sales-cleaned\.csv/ });
  await expect(links).toHaveCount(2);
  const cleaned = ['sales-cleaned.csv', /^month,sales\s+2026-01-01,10\s+2026-02-01,12\s+2026-03-01,17\s+$/];
  for (const link of await links.all()) {
    const [name, text] = await save(page, link);
    expect([name, text]).toEqual([cleaned[0], expect.stringMatching(cleaned[1]!)]);
  }
  const address = new URL((await links.last().getAttribute('href'))!, example.url).href;

  await page.getByLabel('Add files').setInputFiles({
    name: 'house-rules.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from(`# House rules\n\nQuiet hours begin at ten in the evening.\n`),
  });
  const quoted = await ask(page, 'When do the quiet hours begin, according to the document?');
  await expect(quoted.locator('mark')).toHaveText('1');
  await expect(quoted).not.toContainText('【');
  const citation = await quoted.locator('mark').getByRole('link').getAttribute('href');
  const source = quoted.getByRole('list', { name: 'Sources' }).getByRole('link', { name: 'house-rules.md' });
  expect(await source.getAttribute('href')).toBe(citation);
  expect((await save(page, source))[1]).toContain('Quiet hours begin at ten');

  // The conversation is not kept; the file is, for this browser and no other.
  await page.reload();
  await expect(page.getByRole('article')).toHaveCount(0);
  expect(await (await page.request.get(address)).text()).toMatch(cleaned[1]!);
  const stranger = await browser.newContext();
  await stranger.newPage().then((other) => other.goto(example.url));
  expect((await stranger.request.get(address)).status()).toBe(404);
  await stranger.close();
});

test('functions are answered by the route, all that a run asks for', async ({ page }) => {
  await page.goto(example.url);
  const prices = await ask(page, 'What are the stock prices of Apple and Meta?');
  await expect(prices).toContainText('get_stock_price {"symbol":"AAPL"} AAPL: 231.50 USD');
  await expect(prices).toContainText('get_stock_price {"symbol":"META"} META: 612.20 USD');
});

test('a run that fails says so, each time, and locks no thread', async ({ page }) => {
  test.setTimeout(120_000);
  const server = await startModelServer({ models: ['another'], reply: () => [] });
  const env = { OPENAI_BASE_URL: server.url, ASSISTANT_MODEL: 'no-such-model' };
  const failing = await startExample('next-chat', env);
  try {
    await page.goto(failing.url);
    const alert = page.getByRole('main').getByRole('alert');
    for (const text of ['Hello?', 'Hello again?']) {
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
      expect((await answered).status()).toBe(200);
      await expect(alert).toHaveText('The assistant could not finish its answer.');
      await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
    }
    await expect(page.getByRole('article', { name: 'You' })).toHaveCount(2);
  } finally {
    await failing.stop();
    await server.close();
  }
});
