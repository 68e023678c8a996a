import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser, visit } from './browser.js';
import { verificationToken } from './mails.js';
import type { Profile } from './types.js';
import { gateway, newOwner, type Owner } from './world.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const page = (hash: string) => `${gateway().baseUrl}/verify-email${hash}`;

const isVerified = async ({ api }: Owner) => (await api.get('/v1/auth/me')).as<Profile>(200).email_verified;

describe('the page that the link of a welcome mail opens', () => {
  it('confirms the address by keyboard alone, and keeps the token to itself', async () => {
    const owner = await newOwner();
    const token = await verificationToken(owner.email);
    const urls: string[] = [];
    const { page: tab, complaints } = await visit(browser, 'about:blank');
    tab.on('request', (request) => urls.push(request.url()));
    await tab.goto(page(`#token=${token}`));
    expect(new URL(tab.url()).hash).toBe('');
    expect(await isVerified(owner)).toBe(false);
    await tab.keyboard.press('Tab');
    expect(await tab.locator(':focus').textContent()).toBe('Confirm the address');
    await tab.keyboard.press('Enter');
    await tab.locator('[role=status]:focus', { hasText: 'Your email address is confirmed' }).waitFor();
    expect(await isVerified(owner)).toBe(true);
    expect(urls.some((url) => new URL(url).pathname.includes(token) || new URL(url).search !== '')).toBe(false);
    expect(await tab.context().storageState()).toEqual({ cookies: [], origins: [] });
    expect(complaints).toEqual([]);
    await tab.context().close();
  });

  it('says that a link is used up', async () => {
    const { email } = await newOwner();
    const token = await verificationToken(email);
    (await gateway().post('/v1/auth/verify-email', { token })).as(200);
    const { page: tab, complaints } = await visit(browser, page(`#token=${token}`));
    await tab.getByRole('button', { name: 'Confirm the address' }).click();
    await tab.locator('[role=alert]:focus', { hasText: 'used up or older than 24 hours' }).waitFor();
    expect(await tab.getByRole('button').count()).toBe(0);
    expect(complaints).toEqual([]);
    await tab.context().close();
  });

  it('says that a link is not complete, and asks nobody', async () => {
    const { page: tab } = await visit(browser, page(''));
    await tab.locator('[role=alert]:focus', { hasText: 'not complete' }).waitFor();
    expect(await tab.getByRole('button').count()).toBe(0);
    await tab.context().close();
  });

  it('can be tried again where the connection failed', async () => {
    const owner = await newOwner();
    const { page: tab } = await visit(browser, page(`#token=${await verificationToken(owner.email)}`));
    await tab.context().setOffline(true);
    await tab.getByRole('button', { name: 'Confirm the address' }).click();
    await tab.getByRole('alert').filter({ hasText: 'Try again in a moment' }).waitFor();
    await tab.context().setOffline(false);
    await tab.getByRole('button', { name: 'Confirm the address' }).click();
    await tab.locator('[role=status]:focus', { hasText: 'Your email address is confirmed' }).waitFor();
    expect(await isVerified(owner)).toBe(true);
    await tab.context().close();
  });
});
