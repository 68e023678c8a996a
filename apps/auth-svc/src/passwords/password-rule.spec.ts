import { afterAll, describe, expect, it } from '@jest/globals';
import { checkNewPassword } from './password-rule.js';
import { PasswordStrength } from './password-strength.js';

const strength = new PasswordStrength();
afterAll(() => strength.close());

const check = (password: string, personal: string[] = []) => checkNewPassword(password, personal, strength);
const refusal = { code: 'invalid_argument', fields: { password: expect.any(String) } };

describe('the password rule', () => {
  it.each([
    ['eleven characters', 'x9$kq2Lw0pp', /at least 12/],
    ['257 characters', 'x9$kq2Lw0ppZ'.repeat(22).slice(0, 257), /at most 256/],
    ['a common password', 'password1234', /easy to guess/],
    ['a run', 'aaaaaaaaaaaaaaaaaa', /easy to guess/],
    ['a keyboard walk', 'qwertyuiopasdf', /easy to guess/],
  ])('refuses %s and says why', async (_what, password, why) => {
    await expect(check(password)).rejects.toMatchObject({ ...refusal, message: expect.stringMatching(why) });
  });

  it("refuses the user's own address and name", async () => {
    const personal = ['augusta.kinggordon@example.com', 'Augusta KingGordon'];
    await expect(check('augusta.kinggordon@example.com', personal)).rejects.toMatchObject(refusal);
    await expect(check('augusta.kinggordon', personal)).rejects.toMatchObject(refusal);
    await expect(check('AugustaKingGordon', personal)).rejects.toMatchObject(refusal);
  });

  it.each([
    ['a passphrase', 'correct horse battery staple'],
    ['other scripts', 'жёлтый подоконник семь'],
    ['256 characters', 'x9$kq2Lw0ppZ'.repeat(22).slice(0, 256)],
    ['twelve emoji', '🦊🌊🎻🧊🚲🪐🍋🧵🦉🔭🪗🌵'],
  ])('accepts %s', async (_what, password) => {
    await expect(check(password)).resolves.toBeUndefined();
  });

  it('counts characters, not bytes, and composes them first', async () => {
    const elevenComposed = 'e\u0301'.repeat(11);
    await expect(check(elevenComposed)).rejects.toMatchObject({ message: expect.stringMatching(/at least 12/) });
  });

  it('keeps the event loop free while it judges a long password', async () => {
    await check('correct horse battery staple');
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    await check('117d0deac17cb1bc506a4@8({[</369&#!1/|0$5+7%2'.repeat(5)).catch(() => undefined);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
  });
});
