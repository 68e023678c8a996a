/** What a handler answers where headers depend on it. */
export class WithHeaders<T> {
  constructor(
    readonly headers: Readonly<Record<string, string>>,
    readonly body: T,
  ) {}
}
