/**
 * The objects of the token. CKA_LABEL and CKA_ID both hold `<name>-<generation>`; the highest generation is current.
 * Older root keys only unwrap, older signing keys are only published.
 */
export type KeyName = 'oneclaw-root' | 'oneclaw-token-signing' | 'oneclaw-mac' | 'oneclaw-checkpoint';

export const KEY_NAMES: readonly KeyName[] = [
  'oneclaw-root',
  'oneclaw-token-signing',
  'oneclaw-mac',
  'oneclaw-checkpoint',
];

export const SIGNING_KEYS = { 'token-signing': 'oneclaw-token-signing', checkpoint: 'oneclaw-checkpoint' } as const;

export function keyLabel(name: KeyName, generation: number): string {
  return `${name}-${generation}`;
}

/** The generation of a label that belongs to this name, else undefined. */
export function generationOf(name: KeyName, label: string): number | undefined {
  if (!label.startsWith(`${name}-`)) return undefined;
  const digits = label.slice(name.length + 1);
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}
