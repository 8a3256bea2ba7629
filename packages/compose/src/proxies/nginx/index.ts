import type { ProxyManifest } from '../proxy.ts';
import { Nginx } from './nginx.ts';

/** An nginx that includes one file per upstream. */
export const nginx: ProxyManifest<'nginx'> = {
  name: 'nginx',
  open: (config, host) => new Nginx(config, host),
};
