/** Throws where an object has more than what was taken from it. */
export function refuseUnknown(rest: object): void {
  const [name] = Object.keys(rest);
  if (name !== undefined) throw new Error(`${name} is not understood`);
}
