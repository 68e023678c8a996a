import { describe, expect, it } from '@jest/globals';
import { generationOf, keyLabel } from './key-names.js';

describe('key labels', () => {
  it('hold the name and the generation', () => {
    expect(keyLabel('oneclaw-root', 12)).toBe('oneclaw-root-12');
    expect(generationOf('oneclaw-root', 'oneclaw-root-12')).toBe(12);
  });

  it.each([
    'oneclaw-root',
    'oneclaw-root-',
    'oneclaw-root-0',
    'oneclaw-root-01',
    'oneclaw-root-1x',
    'oneclaw-mac-1',
    'x-oneclaw-root-1',
  ])('%s is not a generation of oneclaw-root', (label) => expect(generationOf('oneclaw-root', label)).toBeUndefined());
});
