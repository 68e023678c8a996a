export class Progress {
  constructor(out?: NodeJS.WriteStream);
  silence(): void;
  step<T>(label: string, work: (detail: (text: string) => void) => Promise<T> | T): Promise<T>;
}
