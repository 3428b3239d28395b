import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { installFromDebian } from './debian.mjs';
import { bin, root } from './paths.mjs';
import { step } from './progress.mjs';
import { callQuietly } from './spawn.mjs';

const programs = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function systemBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [...folders.flatMap((folder) => programs.map((name) => join(folder, name))), ...places];
  return candidates.find((path) => existsSync(path));
}

function playwrightBrowser() {
  const { chromium } = createRequire(join(root, 'package.json'))('@playwright/test');
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}

async function download() {
  const { code } = await callQuietly(join(bin, 'playwright'), ['install', 'chromium'], {
    // The default waits half a minute for each of several hosts, several times over.
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '5000' },
  });
  return code === 0 ? playwrightBrowser() : undefined;
}

/**
 * A Chromium to test in: the one `CHROMIUM_PATH` names, the system's, Playwright's own, or, for root on Debian,
 * the distribution's. Undefined when none can be had.
 */
export async function findBrowser() {
  const found = process.env.CHROMIUM_PATH || systemBrowser() || playwrightBrowser();
  if (found) return found;
  return step(
    'Installing Chromium',
    async () => (await download()) ?? ((await installFromDebian('chromium')) ? systemBrowser() : undefined),
  );
}
