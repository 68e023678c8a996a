/** What a mail says, before it becomes text and HTML. */
export interface MailContent {
  subject: string;
  blocks: readonly Block[];
}

export type Block =
  | { type: 'paragraph'; text: string }
  /** Label and value; entries with an empty value are left out. */
  | { type: 'facts'; facts: readonly (readonly [string, string])[] }
  | { type: 'link'; label: string; url: string };

export const paragraph = (text: string): Block => ({ type: 'paragraph', text });
export const facts = (...entries: readonly (readonly [string, string])[]): Block => ({ type: 'facts', facts: entries });
export const link = (label: string, url: string): Block => ({ type: 'link', label, url });

const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const MAX_CHARACTERS = 200;

/**
 * Text that somebody else chose, fit to stand in our sentence: one line, no control characters, nothing that turns the
 * reading direction, not longer than a sentence bears.
 */
export function quoted(text: string, max = MAX_CHARACTERS): string {
  const characters = [...text.replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim()];
  return characters.length > max ? `${characters.slice(0, max).join('')}…` : characters.join('');
}

/** "2026-03-01 12:30 UTC"; whatever is no time as it came. */
export function readableTime(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? quoted(text) : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
