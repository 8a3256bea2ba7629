import { Cancelled, type DatabaseUrl, type Redactor, UserError } from '@slipway/kernel';
import { closeConnection, connect, cutConnection } from './connect.ts';
import { explainConnection, reasonOf } from './connection-error.ts';
import { serverVersion } from './server-version.ts';

export type ProbeResult = { ok: true; version: string } | { ok: false; reason: string; hint: string };

/**
 * Connects and asks for the version. A failure is a result with a reason and a hint, which hold neither the URL nor the
 * password.
 * @param options.timeoutMs For the whole exchange. @throws Cancelled
 */
export async function probeDatabase(
  url: DatabaseUrl,
  options: { timeoutMs: number; signal: AbortSignal; redactor: Redactor },
): Promise<ProbeResult> {
  const { timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return { ok: true, version: await askVersion(url, { ...options, signal }) };
  } catch (error) {
    if (options.signal.aborted) throw new Cancelled('connecting to the database');
    if (deadline.aborted) return { ok: false, ...explainConnection({ code: 'ETIMEDOUT' }) };
    if (error instanceof UserError) {
      return { ok: false, reason: reasonOf(error), hint: error.hint ?? 'Check the database URL.' };
    }
    return { ok: false, ...explainConnection(error) };
  }
}

async function askVersion(
  url: DatabaseUrl,
  options: { timeoutMs: number; signal: AbortSignal; redactor: Redactor },
): Promise<string> {
  const { signal } = options;
  const client = await connect({ url, applicationName: 'slipway preflight', ...options });
  const cut = (): void => cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    return (await serverVersion(client)).version;
  } finally {
    signal.removeEventListener('abort', cut);
    await closeConnection(client);
  }
}
