import { ChatPage } from './support/chat-page.ts';
import { expect, test } from './support/test.ts';

test('chats are listed, opened again, renamed and deleted', async ({ page, demo }) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  const chats = page.getByRole('navigation', { name: 'Chats' });
  await chat.ask('What is 12% of 250?');
  await chat.settled();
  await page.getByRole('button', { name: 'New chat', exact: true }).click();
  await chat.ask('How warm is it in the kitchen?');
  await chat.settled();
  await expect(chats.getByRole('listitem')).toHaveText([
    'How warm is it in the kitchen?',
    'What is 12% of 250?',
  ]);

  await chats.getByRole('button', { name: 'What is 12% of 250?', exact: true }).click();
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.answers.last()).toContainText('30');

  await chats.getByRole('listitem').last().hover();
  await chats.getByRole('button', { name: 'Rename What is 12% of 250?' }).click();
  await chats.getByRole('textbox', { name: 'Title' }).fill('Percentages');
  await page.keyboard.press('Enter');
  await expect(chats.getByRole('listitem').last()).toHaveText('Percentages');
  await page.reload();
  await expect(chats.getByRole('listitem').last()).toHaveText('Percentages');

  await chats.getByRole('listitem').last().hover();
  await chats.getByRole('button', { name: 'Delete Percentages' }).click();
  await expect(chats.getByRole('listitem')).toHaveText(['How warm is it in the kitchen?']);
  await expect(chat.answers).toHaveCount(0);
  await page.reload();
  await expect(chats.getByRole('listitem')).toHaveText(['How warm is it in the kitchen?']);
});

test('what changes the house asks first, and a reload does not forget the question', async ({
  page,
  demo,
}) => {
  const chat = new ChatPage(page);
  await chat.open(demo.url);
  const card = page.getByRole('region', { name: 'Tool set_room_temperature' });
  await chat.ask('Set the bathroom to 26 degrees');
  await expect(card.getByRole('button', { name: 'Allow' })).toBeVisible();
  await page.reload();
  await card.getByRole('button', { name: 'Deny' }).click();
  await chat.settled();
  await expect(chat.answers.last()).not.toContainText('is now set');

  await chat.ask('Set the bathroom to 27 degrees');
  await card.last().getByRole('button', { name: 'Allow' }).click();
  await chat.settled();
  await expect(chat.answers.last()).toContainText('The bathroom is now set to 27 °C; it was 23 °C.');
});
