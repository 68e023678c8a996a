import type { SpawnOptions } from 'node:child_process';

export function run(command: string, args: string[], options?: SpawnOptions): Promise<{ code: number; output: string }>;
export function runOrFail(command: string, args: string[], options: SpawnOptions, failure: string): Promise<string>;
export function lastLines(text: string, count: number): string;
