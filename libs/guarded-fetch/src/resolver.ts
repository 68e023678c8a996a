import { lookup, Resolver } from 'node:dns/promises';

export interface AddressResolver {
  /** Addresses of a name that a stranger chose. Rejects, or answers none, for one that has none. */
  resolve(host: string): Promise<string[]>;
  /** Of a name that the configuration vouches for: also what only this machine knows. */
  lookup(host: string): Promise<string[]>;
}

/**
 * Strangers' names are asked for over DNS directly. The system's resolver would hold one of libuv's few threads for each, so that a name
 * server that does not answer would stop files, hashes and other look-ups too.
 */
export function systemResolver(): AddressResolver {
  const resolver = new Resolver({ timeout: 1500, tries: 2 });
  return {
    resolve: async (host) => {
      const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    },
    lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  };
}
