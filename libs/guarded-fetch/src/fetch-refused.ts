export type FetchRefusal =
  | 'bad_url'
  | 'not_https'
  | 'forbidden_target'
  | 'unknown_host'
  | 'redirected'
  | 'too_large'
  | 'timed_out'
  | 'busy'
  | 'failed';

/** Nothing usable came back. `reason` is for logs and metrics; it tells an outsider nothing about our network. */
export class FetchRefused extends Error {
  constructor(
    readonly reason: FetchRefusal,
    options?: ErrorOptions,
  ) {
    super(`the fetch was refused: ${reason}`, options);
    this.name = 'FetchRefused';
  }
}
