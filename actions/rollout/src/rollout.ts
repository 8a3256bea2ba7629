import { formatDuration, formatImage, UserError } from '@slipway/kernel';
import { encodeServices, type Platform, type Prove, type RolloutFailure } from '@slipway/platform';
import type { RolledService } from '@slipway/release';
import { type ContextOf, defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { waitHealthy } from '@slipway/signals';
import { openPlatform } from '@slipway/targets';
import * as z from 'zod';
import { type DesiredImages, desiredImages } from './images.ts';
import { stampBeginning, withServices } from './record-state.ts';
import { proveInRegistry } from './registry-proof.ts';

const own = {
  images: z.string().default(''),
  registry: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
};
const uses = ['target', 'programs', 'services'] as const;
type Context = ContextOf<typeof own, typeof uses>;

/** How long the health check of a service may take to pass once the new replicas have the traffic. */
const healthTimeoutMs = 30_000;

/**
 * Rolls the services out in the order of the configuration. What ran before is stamped on the target first. The first
 * service that fails stops the rollout; those after it are not changed.
 */
export const rollout = defineAction({
  name: 'rollout',
  inputs: own,
  usesSources: () => true,
  uses,
  async main(context) {
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    const names = Object.keys(context.config.services);
    if (names.length === 0) throw new UserError('the configuration has no services to roll out');
    const images = desiredImages(names, context.record, context.inputs.images);
    const platform = await openPlatform(context.config.target, context, programFinder(context));
    const { evidence } = await platform.check(names, 'deploy');
    context.log.info(evidence);
    await proveInRegistry(context, images);
    if (context.dryRun) return plan(context, platform, images);
    const begin = { platform, record: context.record, services: names, images, log: context.log };
    const stamp = await stampBeginning({ ...begin, now: context.clock.now() });
    const record = withServices(context.record, stamp);
    context.saveRecord(record);
    context.output({ changed: 'true', previous: JSON.stringify(encodeServices(stamp.previous)) });
    return { ...(await rollAll(context, platform, images, stamp.previous)), record };
  },
});

type Previous = Awaited<ReturnType<typeof stampBeginning>>['previous'];

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
  platform: Platform,
  images: DesiredImages,
  previous: Previous,
): Promise<Result> {
  const { record, log } = context;
  const done: RolledService[] = [];
  for (const [name, image] of images) {
    const desired = { name, image, release: record.id };
    const rolled = await log.group(`Roll out ${name}`, () =>
      platform.roll(desired, { purpose: 'deploy', prove: healthProof(context, name) }),
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
  const each = done.map(({ name, running }) => `${name} ${running}/${running}`).join(', ');
  const took = formatDuration(done.reduce((sum, { ms }) => sum + ms, 0));
  const count = done.length === 1 ? '1 service runs' : `${done.length} services run`;
  return {
    outcome: 'passed',
    summary: `${count} ${record.version}, proven by digest: ${each}, after ${took}.`,
    evidence: { kind: 'services', services: done },
  };
}

function failure(what: string, rolled: RolloutFailure, services: RolledService[]): Result {
  const { outcome, reason, hint, details, oldServing } = rolled;
  return {
    outcome,
    summary: `${what} was not rolled out: ${reason}; ${describeOldServing(oldServing)}.`,
    details,
    hint,
    evidence: { kind: 'services', services },
  };
}

function failedService(service: RolledService, { oldServing, reason, ms }: RolloutFailure): RolledService {
  return { ...service, running: oldServing.serving ?? 0, state: 'failed', ms, detail: reason };
}

function describeOldServing({ serving, of, seen = 'ready' }: RolloutFailure['oldServing']): string {
  if (of === 0) return 'there was no old version';
  if (serving === null) return `old version still serving: unknown, ${of} were ${seen} before`;
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
