import type { ProxyConfig, ProxyName } from '@slipway/config';
import { nginx } from './nginx/index.ts';
import { noProxy, type ProxyHost, type ProxyManifest, type ReverseProxy } from './proxy.ts';

/** Every reverse proxy. A further one is one line here. */
const proxies: { [Name in ProxyName]: ProxyManifest<Name> } = {
  nginx,
};

/** The proxy that the configuration names. */
export function openProxy(proxy: ProxyConfig | undefined, host: ProxyHost): ReverseProxy {
  return proxy ? open(proxy, host) : noProxy;
}

function open<Name extends ProxyName>({ name, config }: ProxyConfig<Name>, host: ProxyHost): ReverseProxy {
  return proxies[name].open(config, host);
}
