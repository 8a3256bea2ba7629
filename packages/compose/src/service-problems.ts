import { type ComposeModel, replicasOf } from './engine.ts';
import { exclusiveKeys } from './exclusive-keys.ts';

/** Why the Compose files do not let a service be rolled out, one sentence each. */
export function serviceProblems(model: ComposeModel, service: string): string[] {
  const found = model.services[service];
  if (!found) {
    const known = Object.keys(model.services).join(', ');
    return [`the Compose files have no service "${service}"; they have ${known}`];
  }
  const exclusive = exclusiveKeys(found).map(
    ({ problem }) => `service "${service}" ${problem}: a second container cannot start next to the first`,
  );
  if (replicasOf(model, service) > 0) return exclusive;
  const key = found.deploy?.replicas === 0 ? 'deploy.replicas' : 'scale';
  return [
    ...exclusive,
    `service "${service}" has ${key}: 0, so no container of the new version would run; set 1 or more`,
  ];
}
