const MICROS_PER_DOLLAR = 1_000_000n;
const MICROS_PER_CENT = 10_000;

/** Micro-dollars as dollars: all their digits, and two after the point at least. */
export function usdOf(micros: number): string {
  const value = BigInt(micros);
  const fraction = String(value % MICROS_PER_DOLLAR).padStart(6, '0');
  return `${value / MICROS_PER_DOLLAR}.${fraction.replace(/0{1,4}$/, '')}`;
}

/** Whole cents, rounded down: nobody is shown more than there is. */
export function centsOf(micros: number): number {
  return Math.floor(micros / MICROS_PER_CENT);
}
