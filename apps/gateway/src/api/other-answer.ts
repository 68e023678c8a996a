/** Leaves a controller with another status than the operation's own, and a JSON body that is no problem document. */
export class OtherAnswer extends Error {
  constructor(
    readonly status: number,
    readonly body: object,
  ) {
    super(`answered with ${status}`);
    this.name = 'OtherAnswer';
  }
}
