const QUOTE = '"';
const COLON = 0x3a;
const QUOTE_CODE = 0x22;
const BACKSLASH = 0x5c;

/**
 * How many names the objects in a text have that JSON.parse accepts, all together, repeated ones included: outside of strings, one colon
 * follows each. More of them than members in the parsed value means that an object has a name twice, of which JSON.parse keeps the last.
 */
export function countNames(text: string): number {
  let names = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === COLON) names += 1;
    else if (code === QUOTE_CODE) index = endOfString(text, index + 1);
  }
  return names;
}

/** The first quote that is not escaped: with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf(QUOTE, start);
  while (isEscaped(text, end)) end = text.indexOf(QUOTE, end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
