import { describe, expect, it } from '@jest/globals';
import { lastAnswer } from './last-answer.js';

describe('a kept answer', () => {
  it('is given again for the same argument, and computed for another one', () => {
    const asked: number[] = [];
    const double = lastAnswer((argument: number) => {
      asked.push(argument);
      return argument * 2;
    });
    expect([double(0), double(0), double(1), double(1), double(0)]).toEqual([0, 0, 2, 2, 0]);
    expect(asked).toEqual([0, 1, 0]);
  });
});
