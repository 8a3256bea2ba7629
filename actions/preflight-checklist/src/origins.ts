import { accepted, type Judgement, rejected } from './judgement.ts';

const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|.*\.localhost)$/;

/**
 * A comma-separated list of origins as browsers send them (WHATWG HTML, "serialization of an origin"): scheme, host
 * and port, and nothing more. A server compares strings, so that a trailing slash or an upper-case letter never matches.
 * Plain http is for localhost only, and localhost is not for production.
 */
export function judgeOrigins(value: string, production: boolean): Judgement {
  const origins = value.split(',').map((origin) => origin.trim());
  for (const [at, origin] of origins.entries()) {
    const problem = originProblem(origin, production);
    if (problem)
      return rejected(
        origins.length === 1 ? `is wrong: it ${problem}` : `is wrong: entry ${at + 1} ${problem}`,
      );
  }
  return accepted(origins.length === 1 ? '1 origin' : `${origins.length} origins`);
}

function originProblem(origin: string, production: boolean): string | undefined {
  if (origin === '') return 'is empty';
  if (origin.includes('*')) return 'contains "*", which would allow every site';
  const url = URL.parse(origin);
  if (!url || !/^https?:$/.test(url.protocol)) return 'is not an origin such as https://app.example.com';
  if (local.test(url.hostname)) {
    if (production) return 'is localhost, in production';
  } else if (url.protocol !== 'https:') return 'is not https';
  if (url.origin === origin) return undefined;
  return origin.endsWith('/') ? 'ends in "/"' : 'has more than scheme, host and port, or upper-case letters';
}
