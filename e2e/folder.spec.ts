import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

test('a folder that is dropped brings all its files, and the assistant can read them', async ({
  page,
  demo,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'dropped-'));
  const data = join(folder, 'data');
  const empty = join(folder, 'empty');
  try {
    await mkdir(join(data, 'may'), { recursive: true });
    await mkdir(join(data, 'june'));
    await mkdir(empty);
    await writeFile(
      join(data, 'may', 'sales.csv'),
      'month,sales\n2026-05-01,10\n2026-05-02,12\n2026-05-03,14\n',
    );
    await writeFile(
      join(data, 'june', 'sales.csv'),
      'month,sales\n2026-06-01,20\n2026-06-02,22\n2026-06-03,24\n',
    );
    await writeFile(join(data, '.DS_Store'), 'x');

    const chat = new ChatPage(page);
    await chat.open(demo.url);
    const { x, y, width, height } = (await page.locator('main').boundingBox())!;
    const input = await page.context().newCDPSession(page);
    // As the operating system hands folders over: no test can make such a drop in the page.
    const event = {
      x: x + width / 2,
      y: y + height / 2,
      data: { items: [], files: [data, empty], dragOperationsMask: 1 },
    };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await input.send('Input.dispatchDragEvent', { type, ...event });

    await expect(page.getByRole('button', { name: 'Remove data-june-sales.csv' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Remove data-may-sales.csv' })).toBeVisible();
    await expect(page.getByText('empty has no files in it.')).toBeVisible();
    await expect(page.getByRole('button', { name: /^Remove / })).toHaveCount(3);

    await chat.ask('plot the trend and give me the cleaned data');
    await expect(chat.code).toContainText(/\/mnt\/data\/data-(?:june|may)-sales/);
    await chat.stop.click();
    await chat.settled();
    await expect(page.getByText('data-may-sales.csv').first()).toBeVisible();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a folder that is picked is one too', async ({ page, demo }) => {
  const folder = await mkdtemp(join(tmpdir(), 'picked-'));
  try {
    for (const month of ['may', 'june']) {
      await mkdir(join(folder, 'data', month), { recursive: true });
      await writeFile(join(folder, 'data', month, 'sales.csv'), 'month,sales\n2026-05-01,10\n');
    }
    await writeFile(join(folder, 'data', 'notes.txt'), 'Notes.');
    await writeFile(join(folder, 'data', 'Thumbs.db'), 'x');

    const chat = new ChatPage(page);
    await chat.open(demo.url);
    const picker = page.locator('input[type=file]');
    await picker.evaluate((input: HTMLInputElement) => {
      input.webkitdirectory = true;
    });
    await picker.setInputFiles(join(folder, 'data'));
    const chips = page.getByRole('button', { name: /^Remove / });
    await expect(chips).toHaveCount(3);
    const names = await chips.evaluateAll((all) => all.map((chip) => chip.getAttribute('aria-label')));
    expect(names.toSorted()).toEqual(
      ['data-june-sales.csv', 'data-may-sales.csv', 'notes.txt'].map((name) => `Remove ${name}`),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
