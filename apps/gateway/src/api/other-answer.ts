/** Leaves a controller with another status than the operation's own, and a JSON body that is no problem document, or none. */
export class OtherAnswer extends Error {
  constructor(
    readonly status: number,
    readonly body?: object,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`answered with ${status}`);
    this.name = 'OtherAnswer';
  }
}
