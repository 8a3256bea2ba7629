import { formatDuration, formatImage, UserError } from '@slipway/kernel';
import type { Platform, Prove, RolloutFailure } from '@slipway/platform';
import { encodeServices, type ReleaseEntry, type RolledService } from '@slipway/release';
import { type ContextOf, defineAction, flag, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { healthFingerprint, waitHealthy } from '@slipway/signals';
import { openPlatform } from '@slipway/targets';
import {
  beginOnTarget,
  forgetOldReleases,
  type OpenTarget,
  requireOwnTarget,
  requireServing,
  withTransaction,
} from '@slipway/transaction';
import * as z from 'zod';
import { type DesiredImages, desiredImages } from './images.ts';
import { warnOfLeftServices } from './left-services.ts';
import { proveInRegistry } from './registry-proof.ts';
import { startRolling, withServices } from './start-rolling.ts';

const own = {
  images: z.string().default(''),
  registry: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
  'proven-by': z.enum(['rollout', 'promote']).default('rollout'),
  'allow-downgrade': flag.prefault('false'),
  'take-over': flag.prefault('false'),
  'github-token': z.string().default(''),
};
const uses = ['target', 'programs', 'services'] as const;
type Context = ContextOf<typeof own, typeof uses>;

/** How long the health check of a service may take to pass once the new replicas have the traffic. */
const healthTimeoutMs = 30_000;

/** How long to wait for another release: less than an abandoned lease lives, so that nobody is overtaken by waiting. */
const leaseWaitMs = 60_000;

/**
 * Rolls the services out in the order of the configuration, under the lease of the target. What each service is restored to
 * is written on the target first. The first service that fails stops the rollout; those after it are not changed.
 */
export const rollout = defineAction({
  name: 'rollout',
  inputs: own,
  usesSources: () => true,
  uses,
  async main(context) {
    const { inputs, dryRun } = context;
    const { 'github-token': token } = inputs;
    if (inputs.password !== '') context.redactor.add(inputs.password);
    const names = Object.keys(context.config.services);
    if (names.length === 0) throw new UserError('the configuration has no services to roll out');
    const images = desiredImages(names, context.record, inputs.images);
    const find = programFinder(context);
    if (dryRun) {
      const platform = await openPlatform(context.config.target, context, find);
      await checkAll(context, platform, images);
      return plan(context, platform, images);
    }
    context.redactor.add(token);
    const options = { find, waitMs: leaseWaitMs, takeOver: inputs['take-over'], token };
    return withTransaction(context, options, (target) => rollOut(context, target, images));
  },
});

async function rollOut(context: Context, target: OpenTarget, images: DesiredImages): Promise<Result> {
  const { record } = context;
  const begun = await beginOnTarget(context, target, {
    allowDowngrade: context.inputs['allow-downgrade'],
    token: context.inputs['github-token'],
  });
  if (begun.kind === 'proven') {
    await requireServing(context, target, begun.release, {
      during: 'rollout',
      refusal: (services) => noLongerServes(record.version, services),
    });
    const summary = `${record.version} serves already and is proven; nothing was changed.`;
    return { outcome: 'skipped', summary, record: withServices(record, begun.release) };
  }
  await checkAll(context, target.platform, images);
  const { release, settled } = begun;
  const left = await warnOfLeftServices(context, target, [...images.keys()]);
  const rolling = await startRolling(target, { record, release, images, log: context.log });
  const extended = withServices(record, rolling);
  context.saveRecord(extended);
  context.output({ changed: 'true', previous: JSON.stringify(encodeServices(rolling.previous)) });
  const result = await rollAll(context, target, images, rolling.previous);
  if (result.outcome === 'passed') await finish(context, target);
  const sentences = [result.summary, result.outcome === 'passed' ? left : null, settled];
  return { ...result, summary: sentences.filter(Boolean).join(' '), record: extended };
}

/** What was proven may have been replaced by hand since. */
function noLongerServes(version: string, services: string): UserError {
  return new UserError(`${version} is proven, but ${services} no longer serves it`, {
    hint: `Find out what changed on the target. A rollback to "${version}" restores it; a new run of this version rolls it out again.`,
  });
}

/** A release that later steps prove stays unfinished until promote. */
async function finish(context: Context, target: OpenTarget): Promise<void> {
  const { id } = context.record;
  await target.transaction.send({ kind: 'serving', id, health: passedHealth(context) });
  if (context.inputs['proven-by'] === 'promote') return;
  await target.transaction.send({ kind: 'proven', id });
  await forgetOldReleases(context, target);
}

/** Every service has passed its health check by then. */
function passedHealth({ config }: Context): ReleaseEntry['health'] {
  const checks = Object.entries(config.services).flatMap(([name, { health }]) =>
    health ? [[name, healthFingerprint(health)]] : [],
  );
  return Object.fromEntries(checks);
}

/** @throws UserError with every reason why the images cannot be rolled out. */
async function checkAll(context: Context, platform: Platform, images: DesiredImages): Promise<void> {
  const { evidence } = await platform.check([...images.keys()], 'deploy');
  context.log.info(evidence);
  await requireOwnTarget(context, platform);
  await proveInRegistry(context, images);
}

type Previous = ReleaseEntry['previous'];

async function plan(context: Context, platform: Platform, images: DesiredImages): Promise<Result> {
  const lines: string[] = [];
  for (const [name, image] of images) {
    const { from, to, steps } = await platform.plan({ name, image, release: context.record.id });
    lines.push(`${name}: ${from ? formatImage(from) : 'nothing'} -> ${formatImage(to)}`);
    lines.push(...steps.map((step) => `  ${step}`));
  }
  const summary = `Dry run: ${images.size} services would be rolled out; nothing was changed.`;
  return { outcome: 'skipped', summary, details: lines };
}

async function rollAll(
  context: Context,
  { platform, transaction }: OpenTarget,
  images: DesiredImages,
  previous: Previous,
): Promise<Result> {
  const { record, log } = context;
  const assertHeld = (): Promise<void> => transaction.assertHeld();
  const done: RolledService[] = [];
  for (const [name, image] of images) {
    const desired = { name, image, release: record.id };
    await assertHeld();
    const rolled = await log.group(`Roll out ${name}`, () =>
      platform.roll(desired, {
        purpose: 'deploy',
        previous: previous[name] ?? null,
        others: Object.entries(previous).flatMap(([other, one]) => (other !== name && one ? [one] : [])),
        later: [...images.keys()].slice(done.length + 1),
        assertHeld,
        prove: healthProof(context, name),
      }),
    );
    const untouched = untouchedService(name, image.digest, previous);
    if (!rolled.ok) {
      const others = [...images].slice(done.length + 1);
      const rest = others.map(([other, { digest }]) => untouchedService(other, digest, previous));
      const services = [...done, failedService(untouched, rolled), ...rest];
      return failure(`${name} ${record.version}`, rolled, services);
    }
    const { replicas, ms } = rolled;
    const state = rolled.outcome === 'skipped' ? 'unchanged' : 'rolled';
    done.push({ ...untouched, running: replicas.length, replicas: [...replicas], state, ms });
    log.info(`${name}: ${replicas.length} running ${image.digest} after ${formatDuration(ms)}`);
  }
  // A service without replicas was not looked at, and is never counted.
  const each = done
    .map(({ name, running }) => (running > 0 ? `${name} ${running}/${running}` : `${name} has no replicas`))
    .join(', ');
  const took = formatDuration(done.reduce((sum, { ms }) => sum + ms, 0));
  const count = done.length === 1 ? '1 service runs' : `${done.length} services run`;
  return {
    outcome: 'passed',
    summary: `${count} ${record.version}, proven by digest: ${each}, after ${took}.`,
    evidence: { kind: 'services', services: done },
  };
}

function failure(what: string, rolled: RolloutFailure, services: RolledService[]): Result {
  const { outcome, reason, hint, details, oldServing, left = [] } = rolled;
  const sentences = [`${what} was not rolled out: ${reason}; ${describeOldServing(oldServing)}`, ...left];
  return {
    outcome,
    summary: sentences.map((sentence) => `${sentence}.`).join(' '),
    details,
    hint,
    evidence: { kind: 'services', services },
  };
}

function failedService(service: RolledService, { oldServing, reason, ms }: RolloutFailure): RolledService {
  return { ...service, running: oldServing.serving ?? 0, state: 'failed', ms, detail: reason };
}

function describeOldServing({ serving, of, seen = 'ready', why }: RolloutFailure['oldServing']): string {
  if (serving === null) return `old version still serving: unknown, ${why ?? `${of} were ${seen} before`}`;
  if (of === 0) return 'there was no old version';
  const word = serving >= of ? 'yes' : serving > 0 ? 'in part' : 'no';
  return `old version still serving: ${word}, ${serving}/${of} ${seen}`;
}

function untouchedService(name: string, digest: string, previous: Previous): RolledService {
  return {
    name,
    digest,
    previous: previous[name]?.image.digest ?? null,
    running: 0,
    replicas: [],
    state: 'untouched',
    ms: 0,
  };
}

function healthProof(context: Context, name: string): Prove {
  const health = context.config.services[name]?.health;
  if (!health) return async () => ({ ok: true });
  const { http, clock, signal } = context;
  return async (abandoned) => {
    const either = abandoned ? AbortSignal.any([signal, abandoned]) : signal;
    const healthy = await waitHealthy({ health, withinMs: healthTimeoutMs, http, clock, signal: either });
    return healthy.ok
      ? { ok: true }
      : { ok: false, detail: `${health.url} failed its health check: ${healthy.detail}` };
  };
}
