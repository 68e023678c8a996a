/**
 * Byte strings as one: all bytes, where each starts (counted from 1, as `substr` does), and its length. In an array of bytea each
 * would be spelt out in hex, and take twice the memory.
 */
export function packed(values: readonly Buffer[]): [Buffer, number[], number[]] {
  let end = 0;
  const starts = values.map((value) => (end += value.length) - value.length + 1);
  return [Buffer.concat(values, end), starts, values.map((value) => value.length)];
}
