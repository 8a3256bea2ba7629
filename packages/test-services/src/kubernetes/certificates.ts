import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow } from '../program.ts';

/** Paths of the keys and certificates that the parts of one cluster trust each other by. */
export interface Certificates {
  ca: string;
  server: { cert: string; key: string };
  /** A client of the group `system:masters`, which may do everything. */
  admin: { cert: string; key: string };
  /** Signs and checks the tokens of service accounts. */
  serviceAccountKey: string;
}

const ellipticCurve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority and what it signs. `addresses` are where clients find the API server. */
export async function createCertificates(folder: string, addresses: string[]): Promise<Certificates> {
  const at = (name: string) => join(folder, name);
  await writeFile(at('openssl.cnf'), '[req]\ndistinguished_name = dn\n[dn]\n');
  const sign = (name: string, subject: string, ...flags: string[]) =>
    execOrThrow(`make the certificate ${name}`, [
      'openssl',
      ...['req', '-x509', '-config', at('openssl.cnf'), ...ellipticCurve, '-days', '3650'],
      ...['-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), ...flags],
    ]);
  await sign('ca', '/CN=slipway', '-addext', 'basicConstraints=critical,CA:TRUE');
  const byCa = ['-CA', at('ca.crt'), '-CAkey', at('ca.key')];
  const names = [
    ...addresses.map((address) => `IP:${address}`),
    'DNS:localhost',
    'DNS:kubernetes.default.svc',
  ];
  await Promise.all([
    sign('server', '/CN=kube-apiserver', ...byCa, '-addext', `subjectAltName=${names.join(',')}`),
    sign('admin', '/O=system:masters/CN=admin', ...byCa),
    execOrThrow('make the key of service accounts', [
      'openssl',
      'genrsa',
      '-out',
      at('service-account.key'),
      '2048',
    ]),
  ]);
  const pair = (name: string) => ({ cert: at(`${name}.crt`), key: at(`${name}.key`) });
  return {
    ca: at('ca.crt'),
    server: pair('server'),
    admin: pair('admin'),
    serviceAccountKey: at('service-account.key'),
  };
}

/** Writes a kubeconfig with administrator rights, which needs no other file. */
export async function writeKubeconfig(path: string, server: string, from: Certificates): Promise<void> {
  const data = async (file: string) => (await readFile(file)).toString('base64');
  const cluster = { server, 'certificate-authority-data': await data(from.ca) };
  const user = {
    'client-certificate-data': await data(from.admin.cert),
    'client-key-data': await data(from.admin.key),
  };
  const name = 'slipway';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  // JSON is YAML, so no writer of YAML is needed.
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
}
