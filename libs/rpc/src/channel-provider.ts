import { Metrics } from '@oneclaw/telemetry';
import { RpcChannel, type RpcChannelOptions } from './client.js';
import { type TlsConfig, transportSecurity } from './transport-security.js';

/**
 * A Nest provider of a channel to another service.
 * @param channel its token: RpcChannel, or one of several classes that extend it
 * @param config the token of the configuration of the service that calls
 * @param url the name of the target's URL in it
 */
export function channelProvider<Name extends string>(
  channel: typeof RpcChannel,
  config: symbol,
  url: Name,
  options: Pick<RpcChannelOptions, 'self' | 'target' | 'timeoutMs'>,
) {
  return {
    provide: channel,
    inject: [config, Metrics],
    useFactory: (given: TlsConfig & Record<Name, string>, metrics: Metrics) =>
      new channel({ ...options, url: given[url], security: transportSecurity(given), metrics }),
  };
}
