/**
 * A thread that estimates how guessable passwords are. zxcvbn is synchronous and costs up to a few hundred milliseconds for a
 * long input: on the main thread it would stop every other call. Run from source by tests, so its syntax stays erasable.
 */
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';

export interface StrengthQuestion {
  id: number;
  password: string;
  /** Words that the attacker knows: the address, the name. */
  personal: string[];
}

export interface StrengthAnswer {
  id: number;
  /** 0 (guessed at once) to 4. */
  score: number;
  /** A sentence on what is weak; empty where there is nothing to say. */
  warning: string;
}

const estimator = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs, translations });

parentPort?.on('message', ({ id, password, personal }: StrengthQuestion) => {
  const { score, feedback } = estimator.check(password, personal);
  parentPort?.postMessage({ id, score, warning: feedback.warning ?? '' } satisfies StrengthAnswer);
});
