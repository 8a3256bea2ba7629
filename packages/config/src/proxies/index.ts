import * as z from 'zod';
import { type Chosen, chosen } from '../chosen.ts';
import { nginxSchema } from './nginx.ts';

/** The reverse proxies that Slipway drives, by their key under `compose.proxy`. A further one is one line here. */
const proxies = () => ({
  nginx: nginxSchema().optional(),
});

type Sections = Required<z.output<z.ZodObject<ReturnType<typeof proxies>>>>;

/** The proxy of a configuration, tagged with its name. */
export type ProxyConfig<Name extends ProxyName = ProxyName> = Chosen<Sections, Name>;
export type ProxyName = keyof Sections;

/** A mapping with one key: the proxy. */
export const proxySchema = () => {
  const sections = proxies();
  const names = Object.keys(sections).join(', ');
  return z
    .strictObject(sections)
    .meta({ minProperties: 1, maxProperties: 1 })
    .transform((written, context): ProxyConfig => {
      const [proxy, ...others] = chosen(written as Sections);
      if (proxy && others.length === 0) return proxy;
      context.addIssue({ code: 'custom', message: `exactly one reverse proxy (${names})` });
      return z.NEVER;
    });
};
