import type { ServiceConfig } from '@slipway/config';
import { type Redactor, UserError } from '@slipway/kernel';

/** A shorter secret counts only when it is the whole argument: a user or a name of an application is part of many. */
const minContained = 12;

/**
 * Build arguments remain readable in the image and in the list of processes.
 * @throws UserError that names each argument with a secret in it, and each secret of a build that is not set.
 */
export function checkBuildSecrets(
  services: Readonly<Record<string, ServiceConfig>>,
  { env, redactor }: { env: Readonly<Record<string, string>>; redactor: Redactor },
): void {
  const secrets = redactor.values();
  const isSecret = (value: string): boolean =>
    secrets.some((secret) => value === secret || (secret.length >= minContained && value.includes(secret)));
  const problems = Object.entries(services).flatMap(([service, { build }]) => [
    ...Object.entries(build?.args ?? {}).flatMap(([name, value]) =>
      isSecret(value) ? [`services.${service}.build.args.${name} contains a secret`] : [],
    ),
    ...Object.entries(build?.secrets ?? {}).flatMap(([id, variable]) =>
      env[variable]
        ? []
        : [
            `services.${service}.build.secrets.${id}: the environment variable ${variable} is not set in this step`,
          ],
    ),
  ]);
  if (problems.length === 0) {
    for (const { build } of Object.values(services))
      for (const variable of Object.values(build?.secrets ?? {})) redactor.add(env[variable] ?? '');
    return;
  }
  throw new UserError(problems.join('\n'), {
    hint: 'Build arguments remain readable in the image: name the variable under services.*.build.secrets, and read it in the Dockerfile with RUN --mount=type=secret. Pass the variable to this step (in deploy.yml: the secret BUILD_SECRETS).',
  });
}
