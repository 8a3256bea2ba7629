import { Cancelled, UserError } from '@slipway/kernel';
import { closeConnection, connect, cutConnection, serverVersion } from './connect.ts';
import { explainConnection } from './connection-error.ts';

export type DatabaseProbe = { ok: true; version: string } | { ok: false; reason: string; hint: string };

/**
 * Connects and asks for the version. A database that is not well is an answer that says why, in words that hold
 * neither the URL nor the password.
 * @param options.timeout Milliseconds for the whole exchange.
 * @throws Cancelled
 */
export async function probeDatabase(
  url: string,
  options: { timeout: number; signal: AbortSignal },
): Promise<DatabaseProbe> {
  const deadline = AbortSignal.timeout(options.timeout);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return { ok: true, version: await askVersion(url, options.timeout, signal) };
  } catch (error) {
    if (options.signal.aborted) throw new Cancelled('the look at the database');
    if (deadline.aborted) return { ok: false, ...explainConnection({ code: 'ETIMEDOUT' }) };
    if (error instanceof UserError) {
      const reason = error.message.replace('the database cannot be reached: ', '');
      return { ok: false, reason, hint: error.hint ?? 'Check the database URL.' };
    }
    return { ok: false, ...explainConnection(error) };
  }
}

async function askVersion(url: string, timeout: number, signal: AbortSignal): Promise<string> {
  const client = await connect({ url, applicationName: 'slipway preflight', timeout, signal });
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    return (await serverVersion(client)).version;
  } finally {
    signal.removeEventListener('abort', cut);
    await closeConnection(client);
  }
}
