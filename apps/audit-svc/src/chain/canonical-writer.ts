/** One buffer for all: what is written is hashed or copied before anything else is. */
let scratch = Buffer.allocUnsafe(16 * 1024);

/**
 * The encoding of what is hashed and signed (docs/audit-chain.md): every field behind its length, so that no two different
 * values have the same bytes.
 */
export class CanonicalWriter {
  private length = 0;

  raw(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.length += bytes.copy(scratch, this.length);
  }

  empty(): void {
    this.prefix(0);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value, 'utf8');
    this.prefix(bytes);
    this.length += scratch.write(value, this.length, 'utf8');
  }

  uuid(value: string): void {
    this.prefix(16);
    this.length += scratch.write(value.replaceAll('-', ''), this.length, 'hex');
  }

  /** Signed 64 bits, big-endian. */
  integer(value: number): void {
    this.prefix(8);
    this.length = scratch.writeBigInt64BE(BigInt(value), this.length);
  }

  field(bytes: Buffer): void {
    this.prefix(bytes.length);
    this.length += bytes.copy(scratch, this.length);
  }

  /** Valid until the next writer writes. */
  bytes(): Buffer {
    return scratch.subarray(0, this.length);
  }

  /** 32 bits, big-endian, and room for what they announce. */
  private prefix(bytes: number): void {
    this.reserve(4 + bytes);
    this.length = scratch.writeUInt32BE(bytes, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= scratch.length) return;
    const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, this.length + bytes));
    scratch.copy(larger, 0, 0, this.length);
    scratch = larger;
  }
}
