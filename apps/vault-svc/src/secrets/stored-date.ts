/** The driver answers `infinity` as a number. No version has it: with an invalid date it does not open. */
export function storedDate(value: unknown): Date {
  return value instanceof Date ? value : new Date(Number.NaN);
}
