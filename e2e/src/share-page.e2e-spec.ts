import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Browser, Page } from 'playwright-core';
import { complaint, launchBrowser, press, visit } from './browser.js';
import { asSuperuser } from './faults/database.js';
import { listed, newSharer, share, shareUrl, storeSecret, type Share } from './shares.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newAgent, secretUrl } from './world.js';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  stack = await ownStack();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const at = () => gatewayOf(stack);
const pageOf = (made: { id: string }) => visit(browser, `${at().baseUrl}${shareUrl(made)}`);
const revealButton = (page: Page) => page.getByRole('button', { name: 'Reveal the secret' });
const secretOn = (page: Page) => page.getByRole('region', { name: 'The secret' });

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the page of a share', () => {
  it('is what browsers get, the same for every share and for none, and counts nothing', async () => {
    const { owner, secretId } = await newSharer(at());
    const made = await share(owner.api, secretId, { max_access_count: 1 });
    const unknown = { id: '0b4f1b8e-1111-4000-8000-000000000000' };
    const pages = await Promise.all(
      [made, made, unknown].map((each) => fetch(`${at().baseUrl}${shareUrl(each)}`, { headers: html })),
    );
    const texts = await Promise.all(pages.map((page) => page.text()));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(texts).size).toBe(1);
    for (const { headers } of pages) {
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';.*form-action 'none'; frame-ancestors 'none'$/,
      );
      expect([headers.get('referrer-policy'), headers.get('cache-control'), headers.get('vary')]).toEqual([
        'no-referrer',
        'no-store',
        'Accept',
      ]);
    }
    expect(texts[0]).not.toMatch(/<script(?! src=)|<style| style=| on\w+=|javascript:|https?:/);
    expect(texts[0]).not.toContain(made.id);
    expect((await listed(owner.api, 'outbound'))[0]?.access_count).toBe(0);
  });

  it('asks for nothing until the button is pressed, then shows the secret as text, by keyboard alone', async () => {
    const value = '<img src=x onerror="document.title=1">\n  second line\t🦀';
    const { owner, secretId } = await newSharer(at(), value);
    const made = await share(owner.api, secretId, { max_access_count: 2 });
    const context = await pageOf(made);
    const { page, complaints } = context;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await revealButton(page).and(page.locator(':focus')).waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked).toEqual([]);
    expect((await listed(owner.api, 'outbound'))[0]?.access_count).toBe(0);
    await press(page, 'Enter');
    await page.locator('h2:focus', { hasText: 'db/password' }).waitFor();
    expect(await secretOn(page).textContent()).toBe(value);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.getByText('The link opens 1 more time.').count()).toBe(1);
    expect(asked).toEqual([shareUrl(made)]);
    expect(await revealButton(page).count()).toBe(0);
    await press(page, 'Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('value');
    expect((await listed(owner.api, 'outbound'))[0]?.access_count).toBe(1);
    expect(complaints).toEqual([]);
    expect(await page.context().storageState()).toEqual({ cookies: [], origins: [] });
  });

  it('copies the secret, hides it, and forgets it when the visitor goes', async () => {
    const { owner, secretId } = await newSharer(at(), 'copy me');
    const made = await share(owner.api, secretId);
    const { page } = await pageOf(made);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await revealButton(page).click();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('status').filter({ hasText: 'Copied.' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('copy me');
    await page.getByRole('button', { name: 'Hide' }).click();
    await complaint(page, /^The secret is hidden/);
    expect(await page.content()).not.toContain('copy me');
    await page.reload();
    await revealButton(page).click();
    await secretOn(page).filter({ hasText: 'copy me' }).waitFor();
    await page.goto(`${at().baseUrl}/v1/health`);
    await page.goBack();
    await revealButton(page).waitFor();
    expect(await page.content()).not.toContain('copy me');
    expect((await listed(owner.api, 'outbound'))[0]?.access_count).toBe(2);
  });

  it('asks for the passphrase, takes any text, says when it is wrong, and when there were too many', async () => {
    const { owner, secretId } = await newSharer(at());
    const passphrase = 'schöne Grüße 🦀';
    const made = await share(owner.api, secretId, { passphrase });
    const { page, complaints } = await pageOf(made);
    await revealButton(page).click();
    const field = page.getByLabel('Passphrase');
    await field.and(page.locator(':focus')).waitFor();
    await field.fill('wrong');
    await press(page, 'Enter');
    await complaint(page, /^The passphrase is wrong/);
    expect(await field.inputValue()).toBe('');
    await field.fill(passphrase);
    await press(page, 'Enter');
    await secretOn(page).filter({ hasText: 'the value' }).waitFor();
    expect(await page.getByText('You can open this link again until it expires.').count()).toBe(1);

    const second = await pageOf(made);
    await revealButton(second.page).click();
    for (let wrong = 0; wrong < 4; wrong += 1) {
      await second.page.getByLabel('Passphrase').fill('wrong');
      await press(second.page, 'Enter');
      await complaint(second.page, /^The passphrase is wrong/);
    }
    await second.page.getByLabel('Passphrase').fill(passphrase);
    await press(second.page, 'Enter');
    await complaint(second.page, /^Too many attempts\. Try again in 15 minutes\.$/);
    expect([...complaints, ...second.complaints]).toEqual([]);
  });

  it('says in a sentence why a share does not open', async () => {
    const { owner, vault, secretId } = await newSharer(at());
    const robot = await newAgent(owner);
    const says = async (made: Share, text: RegExp) => {
      const { page, complaints } = await pageOf(made);
      await revealButton(page).click();
      await complaint(page, text);
      expect(complaints).toEqual([]);
      expect(await revealButton(page).count()).toBe(0);
    };
    const revoked = await share(owner.api, secretId);
    (await owner.api.delete(shareUrl(revoked))).empty();
    await says(revoked, /^There is no such share/);
    const once = await share(owner.api, secretId, { max_access_count: 1 });
    (await at().get(shareUrl(once))).as(200);
    await says(once, /^This share is over/);
    const expired = await share(owner.api, secretId);
    await asSuperuser(stack, 'vault-svc', (client) =>
      client.query('UPDATE shares SET expires_at = now() WHERE id = $1', [expired.id]),
    );
    await says(expired, /^This share is over/);
    await says(await share(owner.api, secretId, { ip_allowlist: ['203.0.113.1'] }), /your network address/);
    const own = await share(owner.api, secretId, { recipient_type: 'agent', recipient_id: robot.id });
    await says(own, /for somebody in particular.*token/);
    const gone = await share(owner.api, await storeSecret(owner, vault, 'gone', { value: 'x' }));
    (await owner.api.delete(secretUrl(vault, 'gone'))).empty();
    await says(gone, /its secret is gone/);
    await says({ ...gone, id: '0b4f1b8e-1111-4000-8000-000000000000' }, /^There is no such share/);
    await says({ ...gone, id: 'x' }, /^This link is not complete/);
  });
});
