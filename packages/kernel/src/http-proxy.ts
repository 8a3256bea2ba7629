import { BlockList, isIP } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy: where it is, and the header that logs in there. */
export interface HttpProxy {
  /** Without user name and password. */
  uri: string;
  /** Value of Proxy-Authorization. */
  authorization?: string;
}

/**
 * The proxy for a URL, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY; the lower-case name wins, as in curl. Loopback
 * addresses are always reached directly, as by the GitHub runner and by Go programs (docker, kubectl). Pure.
 * @throws Error when the variable does not hold an http(s) URL.
 */
export function proxyFor(url: URL, env: Environment): HttpProxy | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = setting(env, name);
  if (value === '' || isExempt(url, setting(env, 'no_proxy'))) return undefined;
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (!proxy || !/^https?:$/.test(proxy.protocol))
    throw new Error(`${name.toUpperCase()} does not hold an http:// or https:// URL`);
  const { username, password } = proxy;
  proxy.username = '';
  proxy.password = '';
  if (username === '') return { uri: proxy.href };
  return { uri: proxy.href, authorization: basicAuthorization(username, password) };
}

/** The Authorization header for the user name and password of a URL, which are percent-encoded there. */
export function basicAuthorization(username: string, password: string): string {
  const login = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function setting(env: Environment, name: string): string {
  return (env[name] || env[name.toUpperCase()] || '').trim();
}

/** Entries are `*`, host names (with their subdomains), addresses and CIDR blocks; names may have a port. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = noProxy.toLowerCase().split(/[\s,]+/);
  return isLoopback(host) || entries.some((entry) => entry !== '' && covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inBlock(host, entry);
  if (isIP(entry) === 6) return host === entry;
  const { bracketed, bare = '', only } = withPort.exec(entry)?.groups ?? {};
  if (only !== undefined && only !== port) return false;
  const name = (bracketed ?? bare).replace(/^\*?\./, '');
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

const withPort = /^(?:\[(?<bracketed>[^\]]+)\]|(?<bare>[^:]+))(?::(?<only>\d+))?$/;

function inBlock(host: string, block: string): boolean {
  const [network = '', bits = ''] = block.split('/');
  const family = isIP(network);
  const prefix = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  if (prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  );
}
