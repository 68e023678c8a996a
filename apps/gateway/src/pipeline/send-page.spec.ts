import { describe, expect, it } from '@jest/globals';
import { prefersHtml } from './send-page.js';

describe('a client', () => {
  it.each([
    ['Chrome', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
    ['Firefox', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['one that takes both alike', 'application/json, text/html'],
    ['one that writes it in its own way', ' Text/HTML ; Q=0.4 , */*;q=0.1'],
  ])('gets the page: %s', (_who, accept) => {
    expect(prefersHtml(accept)).toBe(true);
  });

  it.each([
    ['one that says nothing', undefined],
    ['curl', '*/*'],
    ['axios', 'application/json, text/plain, */*'],
    ['one that likes JSON better', 'text/html;q=0.5, application/json'],
    ['one that likes anything better', 'text/html;q=0.5, */*'],
    ['one that likes any application type better', 'text/html;q=0.5, application/*'],
    ['one that refuses HTML', 'text/html;q=0, */*'],
    ['one that makes no sense', 'text/html;q=x'],
    ['one that sends nothing', ''],
  ])('gets the answer of the API: %s', (_who, accept) => {
    expect(prefersHtml(accept)).toBe(false);
  });
});
