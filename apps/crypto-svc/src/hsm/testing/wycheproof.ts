import { readFileSync } from 'node:fs';

interface File<Group> {
  testGroups: readonly Group[];
}

export interface Vector {
  tcId: number;
  comment: string;
  result: 'valid' | 'invalid' | 'acceptable';
  [hex: string]: unknown;
}

/** The groups of a file of test/wycheproof. */
export function wycheproof<Group extends { tests: readonly Vector[] }>(name: string): readonly Group[] {
  const path = new URL(`../../../test/wycheproof/${name}_test.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as File<Group>).testGroups;
}

export const hex = (vector: Vector, field: string): Buffer => Buffer.from(vector[field] as string, 'hex');

/** How a vector is named when it fails. */
export const title = ({ tcId, comment, result }: Vector): string => `vector ${tcId} (${result}) ${comment}`;
