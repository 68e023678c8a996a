import { describe, expect, it } from '@jest/globals';
import { facts, link, paragraph, quoted, readableTime } from './mail-content.js';
import { MAIL_KINDS, type MailKind } from './mail-kinds.js';
import { renderMail } from './render-mail.js';
import { contentOf } from './templates.js';

const HOSTILE = `"><script>alert(1)</script>'&\u202e\nBcc: a@b.c`;

/** Every param of the kind, each naming itself; URLs and times where they must be. */
function paramsOf(kind: MailKind): Record<string, string> {
  const names = [...MAIL_KINDS[kind].params, ...MAIL_KINDS[kind].secretParams];
  const value = (name: string) => {
    if (name.endsWith('_url')) return `https://oneclaw.test/${name}`;
    return name.endsWith('_at') ? '2026-03-01T12:30:00Z' : `the ${name}`;
  };
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

const kinds = Object.keys(MAIL_KINDS) as MailKind[];

describe('every mail', () => {
  it.each(kinds)('%s says all that it is told, in text and in HTML', (kind) => {
    const params = paramsOf(kind);
    const { subject, text, html } = renderMail(contentOf(kind, params as never, 'https://oneclaw.test'));
    expect(subject).toMatch(/^[\x20-\x7e]{5,100}$/);
    for (const value of Object.values(params)) {
      const shown = value === '2026-03-01T12:30:00Z' ? '2026-03-01 12:30 UTC' : value;
      expect(text).toContain(shown);
      expect(html).toContain(shown);
    }
  });

  it.each(kinds)('%s cannot be made to say HTML, to turn the text or to add a header', (kind) => {
    const params = Object.fromEntries(
      Object.entries(paramsOf(kind)).map(([name, value]) => [name, name.endsWith('_url') ? value : HOSTILE]),
    );
    const { subject, text, html } = renderMail(contentOf(kind, params as never, 'https://oneclaw.test'));
    expect(subject).not.toMatch(/[\r\n\u202e]/);
    expect(html).not.toContain('<script');
    if (kind !== 'agent_enrolled' && kind !== 'org_invitation') expect(text).not.toMatch(/^Bcc:/m);
  });
});

describe('rendering', () => {
  it('makes two versions of the same content', () => {
    const content = {
      subject: 'A & B',
      blocks: [paragraph('One < two.'), facts(['Name', 'x'], ['Nothing', '']), link('Go', 'https://a.test/?a=1&b=2')],
    };
    const { text, html } = renderMail(content);
    expect(text).toBe(
      'One < two.\n\nName: x\n\nGo:\nhttps://a.test/?a=1&b=2\n\n-- \nSent by OneClaw. Nobody reads answers to this address.\n',
    );
    expect(html).toContain('<h1 style="font-size:20px">A &amp; B</h1>');
    expect(html).toContain('<a href="https://a.test/?a=1&amp;b=2">Go</a>');
    expect(html).not.toContain('Nothing');
  });

  it('refuses a link that is not http', () => {
    expect(() => renderMail({ subject: 'x', blocks: [link('x', 'javascript:alert(1)')] })).toThrow(/javascript/);
  });
});

describe('text that somebody chose', () => {
  it('is one short line', () => {
    expect(quoted('  a\n\tb\u0000\u2066c ')).toBe('a b c');
    expect(quoted('𝒳'.repeat(300))).toBe(`${'𝒳'.repeat(200)}…`);
  });

  it('is no time unless it is one', () => {
    expect(readableTime('2026-03-01T12:30:45.123+02:00')).toBe('2026-03-01 10:30 UTC');
    expect(readableTime('soon\n')).toBe('soon');
  });
});
