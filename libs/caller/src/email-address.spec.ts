import { describe, expect, it } from '@jest/globals';
import { canonicalEmail, parseEmail } from './email-address.js';

describe('an email address', () => {
  it.each([
    ['case', 'Ada@Example.COM', 'ada@example.com'],
    ['white space around it', '  ada@example.com\n', 'ada@example.com'],
    ['full-width letters', 'ＡＤＡ@example.com', 'ada@example.com'],
    ['a ligature', 'eﬃe@example.com', 'effie@example.com'],
    ['composed and decomposed accents', 'ame\u0301lie@example.com', 'am\u00e9lie@example.com'],
    ['sharp s', 'STRASSE@example.com', 'straße@example.com'],
    ['final sigma', 'ΝΊΚΟΣ@example.com', 'νίκος@example.com'],
    ['the Kelvin sign', '\u212Aelvin@example.com', 'kelvin@example.com'],
  ])('is the same whatever its %s', (_difference, one, other) => {
    expect(canonicalEmail(one)).toBe(canonicalEmail(other));
  });

  it('has one canonical form, which is its own canonical form', () => {
    const once = canonicalEmail('ＳtraßeΣ@Example.com');
    expect(canonicalEmail(once)).toBe(once);
  });

  it('is kept as given', () => {
    expect(parseEmail(' Ada@Example.com ')).toEqual({ given: 'Ada@Example.com', canonical: 'ada@example.com' });
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'a@b@c',
    'a b@example.com',
    'a\0@example.com',
    'a\u200b@example.com',
    'a＠b@c',
  ])('is refused when it is %j', (input) => expect(parseEmail(input)).toBeUndefined());

  it('is refused beyond 254 octets', () => {
    const domain = '@example.com';
    expect(parseEmail('a'.repeat(254 - domain.length) + domain)).toBeDefined();
    expect(parseEmail('a'.repeat(255 - domain.length) + domain)).toBeUndefined();
  });
});
