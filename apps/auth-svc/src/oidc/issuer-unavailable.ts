/** An issuer's keys could not be had. `reason` is for the trail. */
export class IssuerUnavailable extends Error {
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'IssuerUnavailable';
  }
}
