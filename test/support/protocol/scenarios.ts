import type { ActorSpec, Scenario } from './scenario.ts';

const release = (version: number): ActorSpec => ({ role: 'release', version });
const rescue = (version: number, after: number): ActorSpec => ({ role: 'rescue', version, after });
const rerun = (version: number, after: number): ActorSpec => ({ role: 're-run', version, after });
const rollback: ActorSpec = { role: 'rollback', version: -1 };

/** To what serves before anybody acts. */
const putBack: ActorSpec = { role: 'rollback', version: -2, to: '2.0.0' };

const usual: Omit<Scenario, 'name' | 'actors'> = {
  history: [1, 2],
  services: ['web'],
  preexisting: true,
  classes: {},
  faults: 2,
  failures: 1,
};

function scenario(name: string, actors: readonly ActorSpec[], different: Partial<Scenario> = {}): Scenario {
  return { ...usual, ...different, name, actors };
}

/** Who is explored with whom. */
export const scenarios: readonly Scenario[] = [
  scenario('two releases', [release(3), release(4)], { faults: 3, failures: 2 }),
  scenario('a release, its rescue and another release', [release(3), rescue(3, 0), release(4)]),
  scenario('a release, its re-run and a newer release', [release(3), rerun(3, 0), release(4)]),
  scenario('an older release, its re-run and a newer one', [release(4), rerun(4, 0), release(3)]),
  scenario('a release on a machine that was taken for lost, and its re-run', [
    release(3),
    { role: 're-run', version: 3 },
  ]),
  scenario(
    'a release on a machine that was taken for lost, and its rescue',
    [release(3), { role: 'rescue', version: 3 }, release(4)],
    { faults: 1 },
  ),
  scenario('two releases and a rollback', [release(3), release(4), rollback], { failures: 0 }),
  scenario('two releases of which one fails, and a rollback', [release(3), release(4), rollback], {
    faults: 1,
  }),
  scenario('a release, its rescue, its re-run and a rollback', [
    release(3),
    rescue(3, 0),
    rerun(3, 1),
    rollback,
  ]),
  scenario('two rollbacks and a release', [rollback, { ...rollback, version: -2 }, release(3)]),
  scenario('a rollback, its re-run and a release', [rollback, { ...rollback, after: 0 }, release(4)], {
    history: [1, 2, 3],
  }),
  scenario('all five', [release(3), release(4), rescue(3, 0), rerun(4, 1), rollback], { faults: 1 }),
  scenario('the first releases, over what ran before', [release(3), rescue(3, 0), release(4)], {
    history: [],
  }),
  scenario('a first release and its re-run, over what ran before', [release(3), rerun(3, 0), rollback], {
    history: [],
  }),
  scenario('the first releases, where nothing ran', [release(3), rescue(3, 0), release(4)], {
    history: [],
    preexisting: false,
  }),
  scenario('two services', [release(3), rescue(3, 0), release(4)], {
    services: ['web', 'worker'],
    faults: 1,
  }),
  scenario('two services and a rollback that cannot be done', [rollback, release(3)], {
    services: ['web', 'worker'],
  }),
  scenario('two services, a rollback and another one that puts back', [rollback, putBack, release(3)], {
    services: ['web', 'worker'],
    faults: 1,
  }),
  scenario('a release that is proven and found bad later', [
    release(3),
    { ...rescue(3, 0), hasFailed: true },
    release(4),
  ]),
  scenario('a release and a rollback to a named one', [
    release(3),
    { ...rollback, to: '1.0.0' },
    rescue(3, 0),
  ]),
  scenario('a contracted schema', [release(3), release(4), rollback], {
    classes: { 3: 'contract' },
    faults: 1,
  }),
  scenario(
    'a contracted schema, with a rescue and a re-run',
    [release(3), rescue(3, 0), rerun(3, 1), release(4)],
    {
      classes: { 3: 'contract' },
      faults: 1,
    },
  ),
  scenario('a contracted schema that is taken back', [release(3), rescue(3, 0), rerun(3, 1), release(4)], {
    classes: { 3: 'contract' },
    faults: 1,
    takesBack: 'down',
  }),
  scenario('a contracted schema that a person takes back', [release(3), release(4), rollback], {
    classes: { 3: 'contract' },
    faults: 1,
    takesBack: 'down',
  }),
  scenario('a database that a rollback restores', [release(3), rescue(3, 0), rerun(3, 1), release(4)], {
    classes: { 3: 'contract' },
    faults: 1,
    takesBack: 'restore',
  }),
  scenario('a contracted schema by the newer release', [release(3), release(4), rerun(3, 0)], {
    classes: { 4: 'contract' },
    faults: 1,
  }),
];
