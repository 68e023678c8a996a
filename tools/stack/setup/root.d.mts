export const ROOT: string;
export const NODE: string;
export class SetupError extends Error {
  constructor(message: string, output?: string);
  readonly output: string | undefined;
}
export function main(run: () => Promise<void>): Promise<void>;
