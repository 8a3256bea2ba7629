import { UserError } from '@slipway/kernel';
import { connect, cutConnection, serverMajor } from './connect.ts';

export type DatabaseProbe = { ok: true; version: string } | { ok: false; reason: string; hint: string };

/** Connects and asks for the version. Never throws for a database that is not well; the answer says why. */
export async function probeDatabase(
  url: string,
  options: { timeout: number; signal: AbortSignal },
): Promise<DatabaseProbe> {
  const deadline = AbortSignal.timeout(options.timeout);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    const client = await connect({
      url,
      applicationName: 'slipway preflight',
      timeout: options.timeout,
      signal,
    });
    try {
      const { version } = await serverMajor(client);
      return { ok: true, version };
    } finally {
      cutConnection(client);
    }
  } catch (error) {
    if (deadline.aborted)
      return {
        ok: false,
        reason: 'it did not answer in time',
        hint: 'Look at the load and the log of the server.',
      };
    if (!(error instanceof UserError)) throw error;
    return {
      ok: false,
      reason: error.message.replace('the database cannot be reached: ', ''),
      hint: error.hint ?? '',
    };
  }
}
