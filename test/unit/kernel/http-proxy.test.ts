import { expect, test } from '@jest/globals';
import { proxyFor } from '@slipway/kernel';

const proxy = 'http://proxy.test:3128';

test.each([
  ['http://example.com/', { HTTP_PROXY: proxy }],
  ['http://example.com/', { http_proxy: proxy, HTTP_PROXY: 'http://other.test' }],
  ['https://example.com/', { HTTPS_PROXY: proxy }],
  ['https://example.com/', { https_proxy: 'proxy.test:3128' }],
  ['https://example.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.org, .other.com' }],
  ['https://example.com:8443/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com:443' }],
  ['https://badexample.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }],
  ['https://10.1.2.3/', { HTTPS_PROXY: proxy, NO_PROXY: '10.2.0.0/16,10.1.2.0/33,10.1.2,1.2.3' }],
])('%s with %j goes through the proxy', (url, env) => {
  expect(proxyFor(new URL(url), env)).toEqual({ uri: `${proxy}/` });
});

test.each([
  ['https://example.com/', {}],
  ['https://example.com/', { HTTP_PROXY: proxy }],
  ['http://example.com/', { HTTPS_PROXY: proxy }],
  ['https://example.com/', { HTTPS_PROXY: '' }],
  ['http://localhost:8080/', { HTTP_PROXY: proxy }],
  ['http://127.1.2.3/', { HTTP_PROXY: proxy }],
  ['http://[::1]/', { HTTP_PROXY: proxy }],
  ['http://app.localhost/', { HTTP_PROXY: proxy }],
  ['https://example.com/', { HTTPS_PROXY: proxy, NO_PROXY: '*' }],
  ['https://Example.com/', { HTTPS_PROXY: proxy, no_proxy: 'EXAMPLE.com' }],
  ['https://api.example.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }],
  ['https://api.example.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'a,.example.com' }],
  ['https://api.example.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'a *.example.com' }],
  ['https://example.com:8443/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com:8443' }],
  ['https://example.com/', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com:443' }],
  ['https://10.1.2.3/', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }],
  ['https://10.1.2.3/', { HTTPS_PROXY: proxy, NO_PROXY: '10.1.2.3' }],
  ['https://[fd00::1]/', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::/8' }],
  ['https://[fd00::1]:8443/', { HTTPS_PROXY: proxy, NO_PROXY: '[fd00::1]:8443' }],
  ['https://[fd00::1]/', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::1' }],
])('%s with %j is reached directly', (url, env) => {
  expect(proxyFor(new URL(url), env)).toBeUndefined();
});

test('the login of a proxy is not part of its address', () => {
  const env = { HTTPS_PROXY: 'http://me:p%40ss@proxy.test:3128' };
  const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(proxyFor(new URL('https://example.com'), env)).toEqual({ uri: `${proxy}/`, authorization });
});

test('a proxy of another kind is refused', () => {
  const env = { HTTPS_PROXY: 'socks5://proxy.test:1080' };
  expect(() => proxyFor(new URL('https://example.com'), env)).toThrow(
    'HTTPS_PROXY does not hold an http:// or https:// URL',
  );
});
