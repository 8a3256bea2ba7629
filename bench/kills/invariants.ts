import { setTimeout as pause } from 'node:timers/promises';
import { directHttp, formatImage } from '@slipway/kernel';
import {
  parseLease,
  parseState,
  provenRelease,
  type ReleaseEntry,
  releaseName,
  type TargetState,
  unfinishedRelease,
} from '@slipway/release';
import pg from 'pg';
import { services, tagDigest } from '../../demo/target-state.ts';
import { environment } from './release.ts';
import { expectedReplicas, type Replica } from './replicas.ts';
import type { Site } from './site.ts';
import { versionIn } from './users.ts';

/** What a case must have come to. */
export interface Expected {
  /** The version that serves. */
  version: string;
  /** Whether `latest` may still name another release: what names the tags was cut off, or a person rolled back. */
  mayOweTags: boolean;
}

/** What was stopped may take this long to be removed: a kubelet takes up to a minute for a pod that has exited. */
const settleMs = 90_000;
/** Answers of each address. */
const samples = 8;

export async function readTarget({ store }: Site): Promise<TargetState> {
  const found = await store.state.read();
  return parseState(found?.text ?? '', 'docsense', environment);
}

/** Everything that does not hold on the target, one sentence each. */
export async function violations(site: Site, expected: Expected): Promise<string[]> {
  const end = performance.now() + settleMs;
  for (;;) {
    const found = await judge(site, expected);
    if (found.length === 0 || performance.now() > end) return found;
    await pause(500);
  }
}

async function judge(site: Site, { version, mayOweTags }: Expected): Promise<string[]> {
  const state = await readTarget(site);
  const proven = provenRelease(state);
  const unfinished = unfinishedRelease(state);
  const name = proven ? releaseName(proven) : 'none';
  return [
    ...(name === version ? [] : [`the state names ${name} as proven, and not ${version}`]),
    ...(unfinished ? [`the release ${unfinished.id} is left ${unfinished.phase}`] : []),
    ...(await judgeLease(site)),
    ...(await judgeAnswers(site, version)),
    ...(proven ? judgeReplicas(await site.replicas(), proven) : []),
    ...(proven && !mayOweTags ? await judgeTags(site, proven) : []),
    ...(await judgeSchema(site, version)),
  ];
}

async function judgeLease({ store }: Site): Promise<string[]> {
  const found = await store.lease.read();
  const holder = found && parseLease(found.text)?.holder;
  return holder ? [`the lease is held by run ${holder.run}, attempt ${holder.attempt}`] : [];
}

async function judgeAnswers({ stage }: Site, version: string): Promise<string[]> {
  const answers: string[] = [];
  for (let count = 0; count < samples; count++) {
    for (const base of [stage.api, stage.app]) {
      const reply = await directHttp.send({ url: `${base}/version`, timeoutMs: 5000 });
      if (!reply.ok) answers.push(reply.error);
      else answers.push(reply.status === 200 ? String(versionIn(reply.body.data)) : String(reply.status));
    }
  }
  const others = [...new Set(answers.filter((answer) => answer !== version))];
  return others.length > 0 ? [`users get ${others.join(', ')} in place of ${version}`] : [];
}

function judgeReplicas(replicas: readonly Replica[], proven: ReleaseEntry): string[] {
  const problems = services.flatMap((service) => {
    const own = replicas.filter((one) => one.service === service);
    const image = proven.services[service];
    const wanted = image ? formatImage(image.image) : 'nothing';
    const wrong = own.filter((one) => one.image !== wanted);
    const down = own.filter(({ serves }) => !serves);
    const count = expectedReplicas[service] ?? 0;
    return [
      ...(own.length === count ? [] : [`${service} has ${own.length} replicas, and not ${count}`]),
      ...(wrong.length === 0 ? [] : [`${namesOf(wrong)} run what is not proven: ${wrong[0]?.image}`]),
      ...(down.length === 0 ? [] : [`${namesOf(down)} do not serve`]),
    ];
  });
  const strangers = replicas.filter(({ service }) => !(service in expectedReplicas));
  return strangers.length > 0 ? [...problems, `${namesOf(strangers)} belong to no service`] : problems;
}

function namesOf(replicas: readonly Replica[]): string {
  return replicas.map(({ name }) => name).join(', ');
}

async function judgeTags({ stage }: Site, proven: ReleaseEntry): Promise<string[]> {
  const each = services.map(async (service) => {
    const digest = await tagDigest(stage, service, 'latest');
    const wanted = proven.services[service]?.image.digest;
    return digest === wanted ? [] : [`latest of ${service} is ${digest}, and not ${wanted}`];
  });
  return (await Promise.all(each)).flat();
}

/** Each version needs the migration that came with it; none takes anything away. */
async function judgeSchema({ stage }: Site, version: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: stage.databaseUrl });
  await client.connect();
  try {
    const table = `release_${Number.parseInt(version, 10)}`;
    const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
    return rows[0]?.there ? [] : [`the database lacks ${table}, which ${version} needs`];
  } finally {
    await client.end();
  }
}
