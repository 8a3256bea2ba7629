import { expectSuccess, Fault, lastLine } from '@slipway/kernel';
import { documentKey, type StateStore, storeName } from '@slipway/platform';
import { labels } from '../argv.ts';
import type { Engine } from '../engine.ts';
import { VolumeRegister } from './volume-register.ts';

/** Attempts to save a document while somebody else saves it as well. */
const maxAttempts = 5;

/** What the name of the register of a state ends in. */
export const stateKind = 'state';

/** The name of everything that the engine keeps of an application in an environment. */
export function composeStoreName(project: string, app: string, environment: string): string {
  return storeName([project, app, environment]);
}

/** The state of an application in an environment, on the engine. The same application may run in two of its projects. */
export function openStore(engine: Engine, app: string, environment: string): StateStore {
  const name = composeStoreName(engine.project, app, environment);
  const of = `${app} in ${environment}`;
  const whose = {
    [labels.app]: app,
    [labels.project]: engine.project,
    [labels.environment]: environment,
  };
  const register = (kind: string, what: string) =>
    new VolumeRegister(engine, { what: `${what} of ${of}`, name: `${name}-${kind}`, labelled: whose });
  const document = (release: string, title: string) =>
    new VolumeRegister(engine, {
      what: `the document ${title} of release ${release}`,
      name: `${name}-document-${documentKey(release, title)}`,
      labelled: { ...whose, [labels.documents]: name, [labels.release]: release },
      history: 1,
    });
  return {
    state: register(stateKind, 'the state'),
    lease: register('lease', 'the lease'),
    now: () => readClock(engine),
    saveDocument: (release, title, text) => save(document(release, title), title, text),
    readDocument: async (release, title) => (await document(release, title).read())?.text ?? null,
    pruneDocuments: (keep) => prune(engine, name, new Set(keep)),
  };
}

async function readClock(engine: Engine): Promise<Date> {
  const answer = await engine.ask('info', '--format', '{{.SystemTime}}');
  const now = new Date(answer.stdout.data.trim());
  if (answer.ok && !Number.isNaN(now.getTime())) return now;
  throw new Fault(`cannot read the clock of the engine: ${lastLine(answer)}`);
}

async function save(register: VolumeRegister, title: string, text: string): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const present = await register.read();
    if (present?.text === text) return;
    if ((await register.replace(text, present?.version ?? null, title)) === 'replaced') return;
  }
  throw new Fault(`cannot save the document ${title}: others save it at the same time`);
}

async function prune(engine: Engine, name: string, keep: ReadonlySet<string>): Promise<void> {
  const filter = `label=${labels.documents}=${name}`;
  const format = `{{.Name}} {{.Label "${labels.release}"}}`;
  const listed = await engine.ask('volume', 'ls', '--filter', filter, '--format', format);
  const old = expectSuccess(listed, 'list the documents on the engine')
    .data.split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([volume, release = '']) => volume && !keep.has(release))
    .flatMap(([volume = '']) => volume);
  if (old.length === 0) return;
  expectSuccess(await engine.ask('volume', 'rm', '--force', ...old), 'delete old documents on the engine');
}
