import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { inTemporaryFolder, startDaemon } from './daemon.ts';
import { onFreePort } from './port.ts';
import { execOrThrow, findProgram } from './program.ts';

export interface RegistryOptions {
  /** The one login that may read and write; without it anybody may. */
  auth?: { username: string; password: string };
}

export interface Registry {
  /** `127.0.0.1:PORT`, the first part of an image's name. Plain HTTP, which engines allow on the loopback. */
  address: string;
  stop(): Promise<void>;
}

/** An empty image registry (CNCF Distribution) that also deletes. @throws UserError when it is not installed. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const program = findProgram('docker-registry', 'registry');
  if (!program)
    throw new UserError('no image registry found', { hint: "Call provision(['registry']) first." });
  return onFreePort((port) =>
    inTemporaryFolder('registry', async (folder) => {
      const address = `127.0.0.1:${port}`;
      const config = join(folder, 'config.yml');
      await writeFile(config, JSON.stringify(await settings(folder, address, options.auth)));
      const { stop } = await startDaemon({
        name: 'registry',
        argv: [program, 'serve', config],
        folder,
        ready: async () => (await fetch(`http://${address}/v2/`)).status === (options.auth ? 401 : 200),
      });
      return { address, stop };
    }),
  );
}

/** JSON is YAML, so no writer of YAML is needed. */
async function settings(folder: string, address: string, auth: RegistryOptions['auth']): Promise<object> {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'images') }, delete: { enabled: true } },
    http: { addr: address, secret: randomBytes(16).toString('hex') },
    ...(auth ? { auth: { htpasswd: { realm: 'slipway', path: await passwordFile(folder, auth) } } } : {}),
  };
}

/** The registry reads bcrypt only; htpasswd takes the password from its input, out of sight of `ps`. */
async function passwordFile(folder: string, auth: { username: string; password: string }): Promise<string> {
  const line = await execOrThrow('hash the password of the registry', ['htpasswd', '-niB', auth.username], {
    input: auth.password,
  });
  const path = join(folder, 'htpasswd');
  await writeFile(path, line, { mode: 0o600 });
  return path;
}
