import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Config } from '@slipway/config';
import { createHttp, describeError, type Http, type Log, type Redactor, UserError } from '@slipway/kernel';

export interface HttpSettings {
  network: Config['network'];
  env: Readonly<Record<string, string>>;
  workspace: string;
  log: Log;
  redactor: Redactor;
}

/**
 * The HTTP client of the step: proxies by its environment, certificate authorities by `network.ca` and by the file of
 * NODE_EXTRA_CA_CERTS. (Node reads that variable itself, but only where it was set when the process started.)
 * @throws UserError when `network.ca` does not lead to a certificate.
 */
export function stepHttp({ network, env, workspace, log, redactor }: HttpSettings): Http {
  return createHttp({
    env,
    ca: [...extraAuthorities(env, log), ...configuredAuthorities(network, workspace)],
    redactor,
  });
}

function configuredAuthorities({ ca }: Config['network'], workspace: string): string[] {
  if (ca === undefined) return [];
  if (isPem(ca)) return [checked(ca, 'network.ca')];
  const file = path.resolve(workspace, ca);
  try {
    return [checked(readFileSync(file, 'utf8'), `network.ca: ${ca}`)];
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot read the certificate authority ${ca}: ${describeError(cause)}`, {
      hint: 'Set network.ca to the path of a PEM file in the repository, or to PEM text.',
      cause,
    });
  }
}

/** As Node does: a file that cannot be used is reported and ignored. */
function extraAuthorities(env: Readonly<Record<string, string>>, log: Log): string[] {
  const { NODE_EXTRA_CA_CERTS: file = '' } = env;
  if (file === '') return [];
  try {
    return [checked(readFileSync(file, 'utf8'), `NODE_EXTRA_CA_CERTS: ${file}`)];
  } catch (error) {
    log.warn(`ignored NODE_EXTRA_CA_CERTS: ${describeError(error)}`);
    return [];
  }
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN CERTIFICATE-----');
}

/** The text, which must hold certificates that can be read. @throws UserError */
function checked(pem: string, name: string): string {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    if (certificates.length > 0) return pem;
  } catch (cause) {
    throw new UserError(`${name} holds a certificate that cannot be read: ${describeError(cause)}`, {
      cause,
    });
  }
  throw new UserError(`${name} holds no certificate`, {
    hint: 'It must be PEM text: -----BEGIN CERTIFICATE----- … -----END CERTIFICATE-----.',
  });
}
