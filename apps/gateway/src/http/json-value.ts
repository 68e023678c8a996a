import { HttpRefusal } from './http-refusal.js';

const MAX_DEPTH = 32;

/**
 * Refuses what a parsed JSON value should not hold: nesting that would exhaust a stack, and what would change in silence on its way through
 * other parsers (RFC 7493, section 2). Answers how many members its objects have, all together.
 */
export function checkValue(value: unknown, depth = 0): number {
  if (typeof value === 'string') checkString(value);
  else if (typeof value === 'number') checkNumber(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === MAX_DEPTH) throw malformed(`The body is nested more than ${MAX_DEPTH} levels deep.`);
  let members = 0;
  if (Array.isArray(value)) {
    for (const entry of value) members += checkValue(entry, depth + 1);
    return members;
  }
  for (const [name, member] of Object.entries(value)) {
    checkName(name, member);
    members += 1 + checkValue(member, depth + 1);
  }
  return members;
}

/** Half a surrogate would become another character in UTF-8. */
function checkString(value: string): void {
  if (!value.isWellFormed()) throw malformed('The body has a string with an unpaired surrogate.');
}

function checkNumber(value: number): void {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact) throw malformed('The body has a number that is too large to be kept exactly; send it as a string.');
}

/** No names that reach into the prototypes of whoever copies the object member by member. */
function checkName(name: string, member: unknown): void {
  checkString(name);
  const reaching = name === '__proto__' || (name === 'constructor' && hasPrototype(member));
  if (reaching) throw malformed(`The body has an object with the name ${name}.`);
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

function malformed(detail: string): HttpRefusal {
  return new HttpRefusal(400, detail);
}
