import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a browser of this machine. */
export const browserPath: string | undefined = NAMES.flatMap((name) =>
  (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
).find(isExecutable);

/** Where checks are complete a browser has to be there; elsewhere its tests may be left out. */
export const withoutBrowser: boolean = browserPath === undefined && !process.env.CI;

export async function launch(): Promise<Browser> {
  if (browserPath === undefined) throw new Error(`none of ${NAMES.join(', ')} is installed`);
  return chromium.launch({ executablePath: browserPath, args: ARGUMENTS });
}

export interface Opened {
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: readonly string[];
  /** What it wanted to load beside the page itself. */
  readonly requests: readonly string[];
}

export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** A page as it comes up in a window of that width. */
export async function open(browser: Browser, url: string, { width, scheme }: Look): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests: requests.filter((other) => other !== url && !other.startsWith('data:')) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
