import TestSequencer from '@jest/test-sequencer';

/** Each of these takes from half a minute to one and a half, on a stack of its own, most of it waiting. */
const LONG = /\/faults\/|\/start\.e2e|root-key-rotation|verifiable-audit|backup-check|\/delivery\./;

/**
 * Without timings of earlier runs Jest begins with the largest files, and the last one to run alone may be a small file that takes
 * long. These come first.
 */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
