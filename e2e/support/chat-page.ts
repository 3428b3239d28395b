import { type Locator, type Page, expect } from '@playwright/test';

/** The demo's chat as a person meets it: by role and name. */
export class ChatPage {
  readonly page: Page;
  readonly message: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly answers: Locator;
  readonly code: Locator;
  readonly status: Locator;
  readonly error: Locator;

  constructor(page: Page) {
    this.page = page;
    this.message = page.getByRole('textbox', { name: 'Message' });
    this.send = page.getByRole('button', { name: 'Send' });
    this.stop = page.getByRole('button', { name: 'Stop' });
    this.answers = page.getByRole('article', { name: 'Assistant' });
    this.code = page.getByRole('region', { name: 'Code interpreter' });
    this.status = page.getByTestId('run-status');
    // Next keeps an alert of its own in the page for announcing routes.
    this.error = page.locator('[role=alert]:not(#__next-route-announcer__)');
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await expect(this.message).toBeVisible();
  }

  async ask(text: string): Promise<void> {
    await this.message.fill(text);
    await this.send.click();
  }

  /** Waits until nothing runs any more. */
  async settled(): Promise<void> {
    await expect(this.stop).toBeHidden();
    await expect(this.status).toBeHidden();
  }

  /** Drops a file on the page, as a person does from a folder. */
  async drop(name: string, mediaType: string, text: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ([fileName, type, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content!], fileName!, { type: type! }));
        return data;
      },
      [name, mediaType, text],
    );
    for (const type of ['dragenter', 'dragover', 'drop']) {
      await this.page.locator('main').dispatchEvent(type, { dataTransfer: transfer });
    }
  }

  /** The thread that the address names. */
  async threadId(): Promise<string> {
    await expect(this.page).toHaveURL(/thread=thread_/);
    return new URL(this.page.url()).searchParams.get('thread')!;
  }
}

/**
 * Records each different text that a place in the page shows, in order, from now on.
 * What passes quickly is seen too: the page itself keeps the record.
 */
export async function watchTexts(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const key = await page.evaluate((query) => {
    const seen: string[] = [];
    const look = (): void => {
      const text = document.querySelector(query)?.textContent ?? '';
      if (text !== '' && seen.at(-1) !== text) seen.push(text);
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    const name = `watched:${query}`;
    (globalThis as Record<string, unknown>)[name] = seen;
    return name;
  }, selector);
  return () => page.evaluate((name) => (globalThis as unknown as Record<string, string[]>)[name]!, key);
}
