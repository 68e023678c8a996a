import { describe, expect, it } from '@jest/globals';
import { exchangeRaw } from './raw-http.js';
import type { Secret, SecretMetadata } from './types.js';
import { newAgent, newOwnerWithVault, secretUrl } from './world.js';

const VERBS = ['PUT', 'GET', 'DELETE'] as const;

describe('paths of secrets', () => {
  it.each([
    ['one segment', 'a', 'a'],
    ['every kind of character', 'Az09_-/-_/0', 'Az09_-/-_/0'],
    ['an escaped separator', 'app%2Fdb%2Fpassword', 'app/db/password'],
    ['an escaped separator in lower case', 'app%2fdb', 'app/db'],
    ['separators of both kinds', 'app/db%2Fpassword', 'app/db/password'],
    ['escaped plain characters', '%61%2D%5F', 'a-_'],
    ['512 characters', 'x'.repeat(512), 'x'.repeat(512)],
    ['512 characters once decoded', `${'x'.repeat(255)}%2F${'y'.repeat(256)}`, `${'x'.repeat(255)}/${'y'.repeat(256)}`],
    ['many segments', 'a/'.repeat(255) + 'ab', 'a/'.repeat(255) + 'ab'],
  ])('may be %s', async (_, sent, path) => {
    const { owner, vault } = await newOwnerWithVault();
    expect((await owner.api.put(secretUrl(vault, sent), { value: 'v' })).as<SecretMetadata>(201).path).toBe(path);
    expect((await owner.api.get(secretUrl(vault, path))).as<Secret>(200).path).toBe(path);
    expect((await owner.api.get(secretUrl(vault, sent))).as<Secret>(200).path).toBe(path);
    (await owner.api.delete(secretUrl(vault, sent))).empty();
    (await owner.api.get(secretUrl(vault, path))).refused(410);
  });

  it('keep letters of both cases apart', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'Key'), { value: 'v' })).as(201);
    (await owner.api.get(secretUrl(vault, 'key'))).refused(404);
  });

  const BAD: [what: string, sent: string][] = [
    ['two dots', '..'],
    ['two dots within', 'a/../b'],
    ['two dots behind escaped separators', 'a%2F..%2Fb'],
    ['escaped dots', 'a/%2e%2e/b'],
    ['one dot as a segment', 'a/./b'],
    ['a dot in a name', 'a.b'],
    ['a double escape', 'a%252fb'],
    ['a percent sign', 'a%25b'],
    ['a double slash', 'a//b'],
    ['an escaped double slash', 'a%2F%2Fb'],
    ['a leading slash', '/a'],
    ['an escaped leading slash', '%2Fa'],
    ['a trailing slash', 'a/'],
    ['an escaped trailing slash', 'a%2F'],
    ['NUL', 'a%00b'],
    ['513 characters', 'x'.repeat(513)],
    ['513 characters with an escape', `${'x'.repeat(256)}%2F${'y'.repeat(256)}`],
    ['a backslash', 'a\\b'],
    ['an escaped backslash', 'a%5Cb'],
    ['an accent', 'caf%C3%A9'],
    ['a full-width slash', 'a%EF%BC%8Fb'],
    ['broken UTF-8', 'a%FFb'],
    ['an overlong slash', 'a%C0%AFb'],
    ['an unfinished escape', 'a%2'],
    ['a bad escape', 'a%zzb'],
    ['a space', 'a%20b'],
    ['a plus', 'a+b'],
    ['a line break', 'a%0Ab'],
    ['a semicolon', 'a;v=1'],
    ['a colon', 'a:b'],
    ['a star', 'a*'],
  ];

  it.each(BAD)('may not hold %s, on any verb', async (_, sent) => {
    const { owner, vault } = await newOwnerWithVault();
    for (const verb of VERBS)
      (await owner.api.send(verb, secretUrl(vault, sent), verb === 'PUT' ? { value: 'v' } : undefined)).refused(400);
  });

  it.each(VERBS)('may not be empty, on %s', async (verb) => {
    const { owner, vault } = await newOwnerWithVault();
    const body = verb === 'PUT' ? { value: 'v' } : undefined;
    for (const empty of ['', '%2F', '?a=b']) (await owner.api.send(verb, secretUrl(vault, empty), body)).refused(400);
  });

  it.each(VERBS)('may not hold raw bytes beyond ASCII, on %s', async (verb) => {
    const { owner, vault } = await newOwnerWithVault();
    const body = verb === 'PUT' ? '{"value":"v"}' : '';
    const answer = await exchangeRaw(
      owner.api.baseUrl,
      [
        `${verb} ${secretUrl(vault, 'caf\xc3\xa9')} HTTP/1.1`,
        `Authorization: Bearer ${owner.api.token}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
      ],
      body,
    );
    answer.refused(400);
  });

  it('are checked before permissions, so that a bad path is 400 for whoever may call the route', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner);
    for (const verb of VERBS)
      (await agent.api.send(verb, secretUrl(vault, 'a/../b'), verb === 'PUT' ? { value: 'v' } : undefined)).refused(
        400,
      );
    (await agent.api.as(undefined).get(secretUrl(vault, 'a/../b'))).refused(401);
  });

  it('answer 403 alike for existing and missing ones that the caller may not use', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'there'), { value: 'v' })).as(201);
    (await owner.api.put(secretUrl(vault, 'gone'), { value: 'v' })).as(201);
    (await owner.api.delete(secretUrl(vault, 'gone'))).empty();
    const agent = await newAgent(owner, [{ vault, pattern: 'other' }]);
    for (const verb of VERBS) {
      const answers = [];
      for (const path of ['there', 'gone', 'never']) {
        const answer = await agent.api.send(verb, secretUrl(vault, path), verb === 'PUT' ? { value: 'v' } : undefined);
        const { instance: _, ...problem } = answer.refused(403);
        answers.push(JSON.stringify(problem).replaceAll(path, '<path>'));
      }
      expect(new Set(answers).size).toBe(1);
    }
  });
});
