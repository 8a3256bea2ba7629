import { Cancelled, describeError, expectSuccess, type Log } from '@slipway/kernel';
import { type Neighbour, ownerOf, type StateOwner } from '@slipway/platform';
import { labels } from '../argv.ts';
import type { Engine } from '../engine.ts';
import { composeStoreName, stateKind } from './store.ts';
import { VolumeRegister } from './volume-register.ts';

/** The states of other applications and environments whose containers are in the Compose project, too. */
export async function findNeighbours(
  engine: Engine,
  self: StateOwner,
  log: Pick<Log, 'warn'>,
): Promise<Neighbour[]> {
  const found: Neighbour[] = [];
  for (const name of await otherStates(engine, registerOf(engine, self))) {
    const text = await readText(engine, name, log);
    const owner = ownerOf(text);
    // An earlier Slipway wrote no label with the project, but the name is made of it.
    if (!owner || registerOf(engine, owner) !== name) continue;
    found.push({
      owner,
      text,
      removal: `docker volume rm $(docker volume ls --quiet --filter label=${labels.register}=${name})`,
      // The containers of a service are found by its name alone.
      sharedWith: async (services, release) => services.filter((one) => release.services.includes(one)),
    });
  }
  return found;
}

/** Empty for a state that somebody has damaged: it says of nobody what runs here, and keeps nobody from deploying. */
async function readText(engine: Engine, name: string, log: Pick<Log, 'warn'>): Promise<string> {
  try {
    const found = await new VolumeRegister(engine, { what: `the state in ${name}`, name }).read();
    return found?.text ?? '';
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    log.warn(`what another application or environment runs is not known: ${describeError(error)}`);
    return '';
  }
}

/** Names of the registers with other states, without those that are labelled with another project. */
async function otherStates(engine: Engine, own: string): Promise<Set<string>> {
  const filters = ['--filter', `label=${labels.register}`, '--filter', `name=-${stateKind}-`];
  const format = `{{.Label "${labels.register}"}} {{.Label "${labels.project}"}}`;
  const listed = await engine.ask('volume', 'ls', ...filters, '--format', format);
  const names = expectSuccess(listed, 'list the states on the engine')
    .data.split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([, project = engine.project]) => project === engine.project)
    .flatMap(([name = '']) => name);
  return new Set(names.filter((name) => name.endsWith(`-${stateKind}`) && name !== own));
}

function registerOf({ project }: Engine, { app, environment }: StateOwner): string {
  return `${composeStoreName(project, app, environment)}-${stateKind}`;
}
