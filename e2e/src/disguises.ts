/** The ways in which bytes hide in logs and dumps. Base64 depends on where in its group of three a text begins. */
export function disguises(bytes: Buffer): (string | Buffer)[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  const urlSafe = base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = bytes.toString('hex');
  return [...new Set([bytes, ...base64, ...urlSafe, hex, hex.toUpperCase()])];
}
