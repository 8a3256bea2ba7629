import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describeExit, type Exec, Fault, type Log, lastLines, UserError } from '@slipway/kernel';
import { dockerConfigFolder, type RegistryLogin, readDockerConfig } from '@slipway/registry';
import type { CommandPrefix } from '@slipway/runner/programs';

export interface LoginOptions {
  docker: CommandPrefix;
  exec: Exec;
  env: Readonly<Record<string, string>>;
  /** Temporary folder of this step. */
  temp: string;
  log: Log;
}

/**
 * Logs in to a registry in a Docker configuration that is used for this step only. The folder starts as a copy of the
 * user's: other logins, plug-ins, contexts and builders continue to work.
 * @returns the folder, for DOCKER_CONFIG.
 * @throws UserError when the registry refuses the login; Fault when it cannot be reached.
 */
export async function logIn(login: RegistryLogin, options: LoginOptions): Promise<string> {
  if (login.password === '') {
    throw new UserError('input "username" is set, but "password" is empty', {
      hint: 'Pass the password or token as a secret: password: ${{ secrets.REGISTRY_PASSWORD }}.',
    });
  }
  const folder = ownConfig(login.registry, dockerConfigFolder(options.env), options.temp);
  const server = login.registry === 'docker.io' ? [] : [login.registry];
  const [program, ...rest] = options.docker;
  const result = await options.exec({
    argv: [program, ...rest, 'login', '--username', login.username, '--password-stdin', ...server],
    input: login.password,
    env: { DOCKER_CONFIG: folder },
    timeoutMs: 60_000,
  });
  if (result.ok) {
    options.log.info(`logged in to ${login.registry} as ${login.username}, for this step only`);
    return folder;
  }
  const said = lastLines(result, 2).join(' ');
  if (/unauthorized|denied|incorrect username or password|40[13]/i.test(said)) {
    throw new UserError(`registry ${login.registry} refused the login of ${login.username}: ${said}`, {
      hint: 'Check the inputs "username" and "password". A token may have expired.',
    });
  }
  throw new Fault(
    `cannot log in to ${login.registry} (docker login ${describeExit(result)}): ${said || '(no output)'}`,
    {
      hint: 'Check the input "registry" and that this machine can reach it.',
    },
  );
}

function ownConfig(registry: string, users: string, temp: string): string {
  const folder = path.join(temp, 'docker');
  mkdirSync(folder, { mode: 0o700 });
  for (const entry of existsSync(users) ? readdirSync(users) : []) {
    if (entry !== 'config.json') symlinkSync(path.join(users, entry), path.join(folder, entry));
  }
  const config = readDockerConfig(users);
  // With an empty helper this login is written to the file, not to a store that remains after the step.
  const keys = registry === 'docker.io' ? ['https://index.docker.io/v1/', registry] : [registry];
  const credHelpers = { ...config.credHelpers, ...Object.fromEntries(keys.map((key) => [key, ''])) };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...config, credHelpers }), {
    mode: 0o600,
  });
  return folder;
}
