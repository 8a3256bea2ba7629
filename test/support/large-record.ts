import { createHash } from 'node:crypto';
import { appendPhase, beginRelease, type Evidence, type Phase, type ReleaseRecord } from '@slipway/release';

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const digestOf = (text: string): string => `sha256:${hex(text)}`;
/** A number as if it were measured, the same in every run. */
const measured = (text: string, below: number): number => Number.parseInt(hex(text).slice(0, 8), 16) % below;
const nouns = ['orders', 'documents', 'lessons', 'invoices', 'payments', 'sessions', 'projections', 'users'];
const verbs = ['create', 'alter', 'index', 'backfill', 'rename', 'drop_column_from', 'partition', 'archive'];

/** A release of many services and migrations with all that its steps observe: more than anybody is known to have. */
export function largeRecord(services: number, migrations: number): ReleaseRecord {
  const names = Array.from({ length: services }, (_, at) => `service-${at}`);
  const files = Array.from({ length: migrations }, (_, at) => migrationOf(at));
  const begun: ReleaseRecord = {
    ...beginRelease({
      id: '2.0.0-9876543210',
      app: 'shop',
      environment: 'production',
      version: '2.0.0',
      commit: hex('commit').slice(0, 40),
      run: { actor: 'octocat', url: 'https://github.com/example/shop/actions/runs/9876543210' },
    }),
    services: Object.fromEntries(
      names.map((name) => [
        name,
        {
          image: `registry.example.com/shop/${name}`,
          digest: digestOf(name),
          previous: {
            image: `registry.example.com/shop/${name}`,
            digest: digestOf(`${name} before`),
            release: '1.9.0-9876500000',
          },
        },
      ]),
    ),
    database: {
      before: '20190101000000',
      after: files.at(-1)?.version ?? null,
      applied: files.map(({ version }) => version),
      class: 'expand',
      contracts: files.slice(0, 20).map(({ version }) => version),
      backup: {
        file: 'backups/shop-2.0.0.dump',
        manifest: 'backups/shop-2.0.0.json',
        sha256: hex('dump'),
        bytes: 18_734_112,
      },
    },
  };
  return phasesOf(names, files).reduce(appendPhase, begun);
}

type Files = Extract<Evidence, { kind: 'migration' }>['files'];

function migrationOf(at: number): Files[number] {
  const version = String(20_200_101_000_000 + at * 3_000_000 + measured(`version ${at}`, 235_959));
  const words = `${verbs[measured(`verb ${at}`, verbs.length)]}_${nouns[measured(`noun ${at}`, nouns.length)]}`;
  return {
    version,
    file: `migrations/${version}_${words}_${measured(`word ${at}`, 100)}.sql`,
    state: 'applied',
    ms: measured(`ms ${at}`, 900),
    class: 'expand',
    rehearsed: {
      ms: measured(`copy ${at}`, 900),
      locks: [`${nouns[at % nouns.length]}: AccessExclusiveLock`],
    },
  };
}

function phasesOf(names: readonly string[], files: Files): Phase[] {
  const evidence: Record<string, Evidence> = {
    'preflight-checklist': {
      kind: 'checklist',
      items: Array.from({ length: 15 }, (_, at) => ({
        id: `item-${at}`,
        title: `Item number ${at} of the checklist`,
        state: 'passed' as const,
        evidence: `${measured(`evidence ${at}`, 40)} of 40 are set and well-formed`,
      })),
    },
    'build-push': {
      kind: 'images',
      images: names.map((service) => ({
        service,
        reference: `registry.example.com/shop/${service}:2.0.0`,
        digest: digestOf(service),
        ms: measured(`build ${service}`, 90_000),
      })),
    },
    'db-migrate': { kind: 'migration', files },
    rollout: {
      kind: 'services',
      services: names.map((name) => ({
        name,
        digest: digestOf(name),
        previous: digestOf(`${name} before`),
        running: 3,
        replicas: [0, 1, 2].map((at) => ({ id: hex(`${name} ${at}`), digest: digestOf(name) })),
        state: 'rolled' as const,
        ms: measured(`rollout ${name}`, 60_000),
      })),
    },
    'smoke-test': {
      kind: 'smoke',
      consensus: { expected: '2.0.0', answers: { '2.0.0': 10 } },
      checks: names.map((name) => ({
        name,
        url: `https://${name}.example.com/health`,
        state: 'passed' as const,
        attempts: 1,
        ms: measured(`smoke ${name}`, 400),
        detail: '200, $.status is healthy',
      })),
    },
    'watch-metrics': {
      kind: 'watch',
      seconds: 1800,
      metrics: names.map((name) => ({
        id: `errors-${name}`,
        title: `Failed requests of ${name}`,
        objective: 0.01,
        state: 'met' as const,
        wealth: measured(`wealth ${name}`, 1000) / 1000,
        bar: 200,
        events: measured(`events ${name}`, 100_000),
        bad: measured(`bad ${name}`, 100),
        detail: '',
        points: Array.from({ length: 120 }, (_, at) => [at * 15, measured(`${name} ${at}`, 10_000) / 1e6]),
      })),
    },
  };
  return Object.entries(evidence).map(([name, observed], at) => ({
    name,
    outcome: 'passed',
    startedAt: new Date(Date.UTC(2026, 2, 1, 14, at)).toISOString(),
    endedAt: new Date(Date.UTC(2026, 2, 1, 14, at, 59)).toISOString(),
    summary: `${name} did what it should for all services.`,
    details: Array.from(
      { length: 20 },
      (_, line) => `a line of a log, number ${line}: ${hex(`${name} ${line}`)}`,
    ),
    evidence: observed,
  }));
}
