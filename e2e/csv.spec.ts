import { readFile } from 'node:fs/promises';
import { ChatPage, watchTexts } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

/** A year of sales with what real exports have: a blank row, a duplicate, spaces, a missing value. */
function salesCsv(): string {
  const rows = ['month,sales,costs'];
  for (let month = 1; month <= 12; month += 1) {
    rows.push(
      `2026-${String(month).padStart(2, '0')}-01, ${1000 + month * 35} ,${month === 7 ? '' : 700 + month * 9}`,
    );
  }
  rows.splice(5, 0, ',,', rows[4]!);
  return `${rows.join('\n')}\n`;
}

test('a dropped CSV becomes a chart in place and a cleaned file to download', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  // A slow upload, so that its progress can be seen.
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 20,
    downloadThroughput: -1,
    uploadThroughput: 400_000,
  });
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { progressSeen: seen });
    new MutationObserver(() => {
      const bar = document.querySelector('[role=progressbar]');
      if (bar) seen.push(Number(bar.getAttribute('aria-valuenow')));
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const errors = await watchTexts(page, '[role=alert]:not(#__next-route-announcer__)');

  await chat.drop('sales.csv', 'text/csv', salesCsv());
  await expect(page.getByText('sales.csv').first()).toBeVisible();
  await chat.ask('plot the trend and give me the cleaned data');
  await chat.settled();
  expect(await errors()).toEqual([]);
  const progress = await page.evaluate(
    () => (globalThis as unknown as { progressSeen: number[] }).progressSeen,
  );
  expect(progress.length).toBeGreaterThan(0);

  // The chart is an image that really has a size.
  const chart = chat.answers.last().locator('img').first();
  await expect(chart).toBeVisible();
  await expect
    .poll(() => chart.evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0)))
    .toBeGreaterThan(200);

  // The cleaned file comes down under its own name, with the blank row and the duplicate gone.
  const link = chat.answers
    .last()
    .getByRole('link', { name: /sales-cleaned\.csv/ })
    .first();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('sales-cleaned.csv');
  const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  expect(lines[0]).toBe('month,sales,costs');
  expect(lines).toHaveLength(13);
  expect(lines[1]).toContain('1035');

  // After a reload both are still there.
  await page.reload();
  await expect(chat.answers.last().locator('img').first()).toBeVisible();
  await expect(
    chat.answers
      .last()
      .getByRole('link', { name: /sales-cleaned\.csv/ })
      .first(),
  ).toBeVisible();
});
