import { describe, expect, test } from '@jest/globals';
import { emptyState, type Lease, type ReleaseEntry, type TargetState } from '@slipway/release';
import { statusJson, statusLines, statusSentence } from '../../../actions/rollback/src/status-lines.ts';
import { describeStatus, type Observation } from '../../../actions/rollback/src/target-status.ts';
import { releaseEntry } from '../../support/releases.ts';

const digest = (of: string): string => `sha256:${of.repeat(64)}`;
const image = (of: string) => ({ repository: 'r/web', tag: null, digest: digest(of) });
const v1 = releaseEntry({ sequence: 1, services: { web: { image: image('a'), release: '1.0.0-1' } } });
const v2 = releaseEntry({
  sequence: 2,
  phase: 'serving',
  services: { web: { image: image('b'), release: '2.0.0-1' } },
  database: 'contract',
});
const free: Lease = {
  schema: 1,
  fence: 7,
  holder: null,
  since: '2026-11-24T00:00:00.000Z',
  renewedAt: '2026-11-24T00:01:00.000Z',
  idle: false,
  writer: 'w',
};
const held: Lease = {
  ...free,
  holder: { run: '12', attempt: '2', job: 'release', runner: '', actor: 'sam', url: 'https://g/12' },
};

function stateOf(releases: ReleaseEntry[]): TargetState {
  return { ...emptyState('shop', 'production'), fence: 7, sequence: releases.length, releases };
}

function replica(of: string, release: string | null, healthy = true) {
  return { id: of, name: `web-${of}`, image: image(of), release, healthy };
}

const proven: Observation = {
  app: 'shop',
  environment: 'production',
  target: 'Docker Engine 29.1',
  now: new Date('2026-11-24T00:02:00.000Z'),
  state: stateOf([v1]),
  lease: free,
  leaseKnown: true,
  services: [
    {
      name: 'web',
      declared: null,
      withoutReplicas: [],
      unreached: null,
      replicas: [replica('a', '1.0.0-1'), replica('a', '1.0.0-1')],
    },
  ],
  problems: [],
};

const shown = (seen: Partial<Observation>) => describeStatus({ ...proven, ...seen });

describe('the status of a target', () => {
  test('a proven release that serves everywhere', () => {
    const status = shown({});
    expect(statusSentence(status)).toBe('1.0.0 serves everywhere and is proven.');
    expect(statusLines(status)).toEqual([
      'Service  Version  Ready  Image',
      `web      1.0.0    2/2    r/web@${digest('a')}`,
      'Proven      1.0.0 (1.0.0-1), since 2026-11-24 00:00:00 UTC',
      'Unfinished  no release',
      'Lease       free; fencing number 7',
      'Release  Version  Phase   Since                    Schema',
      '#1       1.0.0    proven  2026-11-24 00:00:00 UTC  none',
    ]);
  });

  test('an unfinished release of which half is ready, under a lease', () => {
    const replicas = [replica('b', '2.0.0-1'), replica('b', '2.0.0-1', false), replica('a', '1.0.0-1')];
    const status = shown({
      state: stateOf([v2, v1]),
      lease: held,
      services: [{ name: 'web', declared: null, withoutReplicas: [], unreached: null, replicas }],
    });
    expect(statusSentence(status)).toBe(
      'What runs: web 2.0.0 (1/2 ready) and 1.0.0 (1/1 ready); the last proven release is 1.0.0; 2.0.0 is unfinished ("serving"); run 12 holds the lease.',
    );
    expect(statusLines(status)).toContain(
      'Lease       held by run 12, attempt 2, started by sam, since 2026-11-24 00:00:00 UTC; expires 2026-11-24 00:03:00 UTC unless it is renewed; fencing number 7',
    );
    expect(status).toMatchObject({ provenServes: false, unfinished: { id: '2.0.0-1', run: { id: '1' } } });
  });

  test('a lease that nobody renewed has expired', () => {
    const status = shown({ lease: held, now: new Date('2026-11-24T00:03:00.000Z') });
    expect(status.lease).toMatchObject({ run: '12', expired: true });
    expect(statusSentence(status)).toBe('1.0.0 serves everywhere and is proven.');
    expect(statusLines(status).join('\n')).toContain('expired 2026-11-24 00:03:00 UTC');
  });

  test('a target that Slipway has never seen', () => {
    const replicas = [replica('a', null)];
    const status = shown({
      state: emptyState('shop', 'production'),
      lease: null,
      services: [
        { name: 'web', declared: null, withoutReplicas: [], unreached: null, replicas },
        { name: 'worker', declared: null, withoutReplicas: [], unreached: null, replicas: [] },
      ],
    });
    expect(statusSentence(status)).toBe(
      `What runs: web r/web@${digest('a')} (1/1 ready), worker nothing; no release is proven.`,
    );
    expect(status).toMatchObject({ provenServes: false, fence: null, history: [] });
  });

  test('what cannot be read is said, and never taken for none', () => {
    const why = 'a newer Slipway wrote the state on the target';
    const status = shown({ state: null, services: null, lease: null, leaseKnown: false, problems: [why] });
    expect(statusSentence(status)).toBe('What serves cannot be seen; what is proven is not known.');
    expect(statusLines(status)).toEqual(
      expect.arrayContaining([
        'Proven      not known',
        'Unfinished  not known',
        'Lease       not known',
        `Problem     ${why}`,
      ]),
    );
    expect(status).toMatchObject({ provenServes: null, history: null, services: null });
  });

  test('an entry that cannot be read is a problem', () => {
    const state = { ...stateOf([v1]), unreadable: ['release 1.1.0-1: phase: Invalid option'] };
    expect(shown({ state }).problems).toEqual([
      'an entry of the state cannot be read: release 1.1.0-1: phase: Invalid option',
    ]);
  });

  test('a service whose requests do not reach it does not serve what is proven', () => {
    const one = { declared: null, withoutReplicas: [], replicas: [replica('a', '1.0.0-1')] };
    const unreached = 'the proxy service "nginx" does not run';
    const services = ['web', 'api'].map((name) => ({ ...one, name, unreached }));
    const status = shown({ services });
    expect(status.provenServes).toBe(false);
    expect(statusSentence(status)).toContain(`, but ${unreached}; the last proven release is 1.0.0`);
    expect(statusLines(status).filter((line) => line.includes(unreached))).toHaveLength(1);
  });

  test('a healthy service with another image than the proven one does not serve what is proven', () => {
    const services = [
      { name: 'web', declared: null, withoutReplicas: [], unreached: null, replicas: [replica('c', null)] },
    ];
    expect(shown({ services }).provenServes).toBe(false);
    expect(shown({ services: [] }).provenServes).toBe(false);
  });
});

describe('the output', () => {
  const many = Array.from({ length: 1000 }, (_, at) =>
    releaseEntry({ sequence: 1000 - at, id: `${'x'.repeat(200)}-${at}` }),
  );

  test('is bounded, and counts what is left out', () => {
    const json = statusJson(shown({ state: stateOf(many) }), (text) => text);
    expect(json.length).toBeLessThanOrEqual(64 * 1024);
    const { history, omitted } = JSON.parse(json) as { history: { sequence: number }[]; omitted: number };
    expect(history[0]?.sequence).toBe(1000);
    expect(history.length).toBeGreaterThan(100);
    expect(history.length + omitted).toBe(1000);
  });

  test('is redacted, and JSON all the same', () => {
    const json = statusJson(shown({ lease: held }), (text) => text.replaceAll('sam', '***'));
    expect(JSON.parse(json)).toMatchObject({ lease: { actor: '***' }, provenServes: true });
  });

  test('people see the newest releases, and how many more there are', () => {
    const lines = statusLines(shown({ state: stateOf(many) }));
    expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(25);
    expect(lines.at(-1)).toBe('and 975 older');
  });
});
