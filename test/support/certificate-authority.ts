import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

export interface Authority {
  /** File of the authority's certificate, in PEM. */
  file: string;
  pem: string;
  /** A key and a certificate for host names. */
  issue(...names: string[]): { key: string; cert: string };
}

/** A certificate authority that nobody else trusts, made with openssl in a folder. */
export function createAuthority(folder: string): Authority {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...curve,
    '-subj',
    '/CN=Company CA',
    '-days',
    '2',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  return {
    file: at('ca.pem'),
    pem: readFileSync(at('ca.pem'), 'utf8'),
    issue(...names) {
      openssl(
        'req',
        ...curve,
        '-subj',
        `/CN=${names[0]}`,
        '-keyout',
        at('server.key'),
        '-out',
        at('server.csr'),
      );
      writeFileSync(at('names'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`);
      const authority = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
      openssl(
        'x509',
        '-req',
        '-in',
        at('server.csr'),
        ...authority,
        '-extfile',
        at('names'),
        '-out',
        at('server.pem'),
      );
      return { key: readFileSync(at('server.key'), 'utf8'), cert: readFileSync(at('server.pem'), 'utf8') };
    },
  };
}
