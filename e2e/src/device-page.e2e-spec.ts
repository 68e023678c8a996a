import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Browser, Page } from 'playwright-core';
import { newOwnerWithMfa } from './authenticator.js';
import { complaint, launchBrowser, press, visit } from './browser.js';
import { type DeviceCode, newDevice, poll } from './devices.js';
import { asSuperuser } from './faults/database.js';
import { gatewayOf, ownStack } from './stacks.js';
import { newOwner, type Owner, randomPassword } from './world.js';

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

/** The page with a code, as a device links to it; or without one. */
async function open(device?: DeviceCode) {
  return visit(browser, `${at().baseUrl}/device${device ? new URL(device.verification_uri_complete).search : ''}`);
}

async function logIn(page: Page, { email, password }: Pick<Owner, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name });

describe('the page of device logins', () => {
  it('lets a device in, by keyboard alone', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at(), 'laptop')];
    const { page, complaints } = await open(device);
    await page.getByLabel('Email address').and(page.locator(':focus')).waitFor();
    await page.keyboard.type(owner.email);
    await press(page, 'Tab');
    await page.keyboard.type(owner.password);
    await press(page, 'Enter');
    await page.locator('h2:focus', { hasText: 'Let this device act as you?' }).waitFor();
    await press(page, 'Tab');
    expect(await page.locator(':focus').textContent()).toBe('Approve');
    await press(page, 'Enter');
    await page.locator('h2:focus', { hasText: 'The device is logged in' }).waitFor();
    expect(await poll(device, at())).toMatchObject({ email: owner.email, user_id: owner.id });
    expect(complaints).toEqual([]);
  });

  it('shows who asks, for what, as text', async () => {
    const owner = await newOwner(at());
    const client = '<img src=x onerror=alert(1)><b>bold</b>';
    const device = await newDevice(at(), client);
    const { page, complaints } = await open(device);
    await logIn(page, owner);
    await heading(page, 'Let this device act as you?').waitFor();
    expect(await page.locator('dd').allTextContents()).toEqual([client, device.user_code, owner.email]);
    expect(await page.locator('main img, main b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('says that the password is wrong, moves there, and starts over from the first field', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at())];
    const { page } = await open(device);
    await logIn(page, { email: owner.email, password: randomPassword() });
    await complaint(page, /^The email address or the password is wrong\.$/);
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await press(page, 'Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('email');
    await logIn(page, owner);
    await heading(page, 'Let this device act as you?').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
  });

  it('turns a device away', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at())];
    const { page } = await open(device);
    await logIn(page, owner);
    await page.getByRole('button', { name: 'Deny' }).click();
    await heading(page, 'The device is turned away').waitFor();
    expect(await poll(device, at())).toEqual({ error: 'access_denied' });
  });

  it('asks for the second factor', async () => {
    const [owner, device] = [await newOwnerWithMfa(at()), await newDevice(at())];
    const { page } = await open(device);
    await logIn(page, owner);
    const field = page.getByLabel('Code of your authenticator');
    await field.fill(owner.authenticator.wrong());
    await press(page, 'Enter');
    await complaint(page, /^This code is not right/);
    await field.fill(owner.authenticator.next());
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Approve' }).click();
    await heading(page, 'The device is logged in').waitFor();
    expect((await poll(device, at())).user_id).toBe(owner.id);
  });

  it('asks for the code where the link has none, however it is typed, until it is one', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at())];
    const { page } = await open();
    await logIn(page, owner);
    const field = page.getByLabel('Code that the device shows');
    for (const wrong of ['BBBBB-BBBBB', 'no code', '../me']) {
      await field.fill(wrong);
      await press(page, 'Enter');
      await complaint(page, /^No device has this code/);
    }
    await field.fill(device.user_code.replace('-', '').toLowerCase());
    await press(page, 'Enter');
    await heading(page, 'Let this device act as you?').waitFor();
  });

  it('tells that a code has expired, before and after it was shown', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at())];
    const { page } = await open(device);
    await logIn(page, owner);
    await heading(page, 'Let this device act as you?').waitFor();
    await expireAll();
    await page.getByRole('button', { name: 'Approve' }).click();
    await complaint(page, /^This code has expired, or somebody has decided already/);
    await page.getByRole('button', { name: 'Continue' }).click();
    await complaint(page, /^This code has expired\. Begin/);
    expect(await poll(device, at())).toEqual({ error: 'expired_token' });
  });

  it('keeps nothing, and its token dies once the person has decided', async () => {
    const [owner, device] = [await newOwner(at()), await newDevice(at())];
    const { page, tokens } = await open(device);
    await logIn(page, owner);
    const revoked = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.getByRole('button', { name: 'Approve' }).click();
    expect((await revoked).status()).toBe(204);
    expect(tokens.size).toBe(1);
    for (const token of tokens) (await at().as(token).get('/v1/auth/me')).refused(401);
    expect(await page.context().storageState()).toEqual({ cookies: [], origins: [] });
    expect((await poll(device, at())).user_id).toBe(owner.id);
  });

  it('is plain: nothing inline, no other host, no frame, no referrer, and a title', async () => {
    const answer = await at().get('/device?user_code=BBBBB-BBBBB');
    expect(answer.header('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';.*form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(answer.header('referrer-policy')).toBe('no-referrer');
    expect(answer.header('cache-control')).toBe('no-store');
    expect(answer.text).not.toMatch(/<script(?! src=)|<style| style=| on\w+=|javascript:|https?:/);
    expect(answer.text).toMatch(/<html lang="en">[\s\S]*<title>Log a device in/);
    expect(answer.text).not.toContain('BBBBB');
  });
});

/** As if ten minutes had passed. */
async function expireAll(): Promise<void> {
  await asSuperuser(stack, 'auth-svc', (client) => client.query('UPDATE device_logins SET expires_at = now()'));
}
