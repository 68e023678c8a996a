import { locateBrowser } from '@oneclaw/stack';
import { type Browser, chromium, type Page } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** A headless browser of this machine. Close it in afterAll. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: locateBrowser(), headless: true, args: ARGS });
}

export interface Visit {
  page: Page;
  /** What the browser complained about: violations of the CSP, scripts that failed. */
  complaints: string[];
  /** Every token that the page has sent. */
  tokens: Set<string>;
}

/** A page in a profile of its own, in which nothing is stored yet. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const tokens = new Set<string>();
  page.on('pageerror', (error) => complaints.push(error.message));
  // That an answer was no success is in the console too, and is none of the page's faults.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    const [, token] = /^Bearer (.+)$/.exec(request.headers()['authorization'] ?? '') ?? [];
    if (token) tokens.add(token);
  });
  await page.goto(url);
  return { page, complaints, tokens };
}

/** Waits until the page says what is wrong; it has the focus then. */
export async function complaint(page: Page, text: RegExp): Promise<void> {
  await page.locator('[role=alert]:focus', { hasText: text }).waitFor();
}

export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
