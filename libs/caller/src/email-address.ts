/** An address as its owner wrote it, and the form by which addresses are compared. */
export interface EmailAddress {
  given: string;
  canonical: string;
}

/** RFC 5321, section 4.5.3.1.3: a path has 256 octets, two of them the angle brackets. */
const MAX_OCTETS = 254;

/**
 * One "@" with something on both sides, no white space or control character. Whether an address exists only a mail can tell.
 * `undefined` for anything else.
 */
export function parseEmail(input: string): EmailAddress | undefined {
  const given = input.trim();
  const canonical = canonicalEmail(given);
  const plausible = /^[^\s@\p{Cc}\p{Cf}]+@[^\s@\p{Cc}\p{Cf}]+$/u.test(given) && canonical.split('@').length === 2;
  if (!plausible || Buffer.byteLength(given) > MAX_OCTETS || Buffer.byteLength(canonical) > MAX_OCTETS)
    return undefined;
  return { given, canonical };
}

/**
 * Trimmed, compatibility-normalised and case-folded, so that one mailbox cannot be claimed twice in another spelling. Upper then
 * lower case stands in for full case folding ("ß" and "SS" agree); NFKC again, because folding may denormalise.
 */
export function canonicalEmail(input: string): string {
  return input.normalize('NFKC').trim().toUpperCase().toLowerCase().normalize('NFKC');
}
