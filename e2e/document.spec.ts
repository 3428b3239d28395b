import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

const rules = `# House rules

Bicycles go into the shed behind the house. ${'Nothing else is kept there. '.repeat(20)}

Quiet hours begin at ten in the evening.
`;

test('a question about a document is answered with a quotation that leads to it', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  await chat.drop('house-rules.md', 'text/markdown', rules);
  await expect(page.getByText('house-rules.md').first()).toBeVisible();
  await chat.ask('When do the quiet hours begin, according to the document?');
  await chat.settled();

  for (const visit of ['at once', 'after a reload']) {
    if (visit === 'after a reload') await page.reload();
    const answer = chat.answers.last();
    const search = answer.getByRole('region', { name: 'File search' });
    await expect(search, visit).toContainText('house-rules.md');
    const passages = search.getByRole('list', { name: 'Passages' });
    await expect(passages, visit).toBeHidden();
    await search.getByRole('button', { name: 'Show the passages' }).click();
    await expect(passages, visit).toContainText('Quiet hours begin at ten in the evening.');
    await search.getByRole('button', { name: 'Hide the passages' }).click();
    await expect(passages, visit).toBeHidden();
    await expect(answer.getByRole('blockquote'), visit).toContainText('Quiet hours begin at ten');
    await expect(answer, visit).not.toContainText('【');
    const citation = answer.getByRole('blockquote').getByRole('link', { name: 'Source 1' });
    const source = answer
      .getByRole('list', { name: 'Sources' })
      .getByRole('link', { name: 'house-rules.md' });
    const address = new URL((await citation.getAttribute('href'))!, page.url());
    expect(new URL((await source.getAttribute('href'))!, page.url()).href).toBe(address.href);
    const file = await page.request.get(address.href);
    expect(await file.text(), visit).toBe(rules);
  }
});
