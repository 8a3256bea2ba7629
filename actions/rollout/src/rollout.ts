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

/** How long a service's own health check may take to agree once the new containers have the traffic. */
const healthWithin = 30_000;

/**
 * Rolls the services out in the order of the configuration. What ran before is stamped on the target first; the
 * first service that fails ends the rollout, and those after it are never touched.
 */
export const rollout = defineAction({
  name: 'rollout',
  inputs: own,
  uses,
  async main(context) {
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    const names = Object.keys(context.config.services);
    if (names.length === 0) throw new UserError('the configuration names no services to roll out');
    const images = desiredImages(names, context.record, context.inputs.images);
    const platform = await openPlatform(context.config.target, context, programFinder(context));
    const { evidence } = await platform.check(names, 'deploy');
    context.log.info(evidence);
    await proveInRegistry(context, images);
    if (context.dryRun) return plan(context, platform, images);
    const begin = { platform, record: context.record, services: names, images, log: context.log };
    const stamp = await stampBeginning({ ...begin, now: context.clock.now() });
    const record = withServices(context.record, stamp);
    context.keep(record);
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
  const { record } = context;
  const done: RolledService[] = [];
  for (const [name, image] of images) {
    const desired = { name, image, release: record.id };
    const rolled = await context.log.group(`Roll out ${name}`, () =>
      platform.roll(desired, { purpose: 'deploy', prove: healthProof(context, name) }),
    );
    const { digest } = image;
    const seen = { name, digest, previous: previous[name]?.image.digest ?? null, ms: rolled.ms };
    if (!rolled.ok) {
      const { oldServing, reason, hint, details } = rolled;
      const untouched = [...images]
        .slice(done.length + 1)
        .map(([other, wanted]) => untouchedService(other, wanted.digest, previous));
      done.push({ ...seen, running: oldServing.serving ?? 0, state: 'failed', detail: reason }, ...untouched);
      const summary = `${name} ${record.version} was not rolled out: ${reason}; ${oldServingWords(oldServing)}.`;
      return {
        outcome: rolled.outcome,
        summary,
        details,
        hint,
        evidence: { kind: 'services', services: done },
      };
    }
    done.push({
      ...seen,
      running: rolled.replicas.length,
      state: rolled.outcome === 'skipped' ? 'unchanged' : 'rolled',
    });
    context.log.info(
      `${name}: ${rolled.replicas.length} running ${digest} after ${formatDuration(rolled.ms)}`,
    );
  }
  const each = done.map(({ name, running }) => `${name} ${running}/${running}`).join(', ');
  const took = formatDuration(done.reduce((sum, { ms }) => sum + ms, 0));
  return {
    outcome: 'passed',
    summary: `${done.length} services run ${record.version} by digest: ${each}, in ${took}.`,
    evidence: { kind: 'services', services: done },
  };
}

function oldServingWords({ serving, of }: RolloutFailure['oldServing']): string {
  if (of === 0) return 'there was no old version';
  if (serving === null) return `old version still serving: unknown, ${of} were ready before`;
  const word = serving >= of ? 'yes' : serving > 0 ? 'in part' : 'no';
  return `old version still serving: ${word}, ${serving}/${of} ready`;
}

function untouchedService(name: string, digest: string, previous: Previous): RolledService {
  return {
    name,
    digest,
    previous: previous[name]?.image.digest ?? null,
    running: 0,
    state: 'untouched',
    ms: 0,
  };
}

function healthProof(context: Context, name: string): Prove {
  const health = context.config.services[name]?.health;
  if (!health) return async () => ({ ok: true });
  const { http, clock, signal } = context;
  return async () => {
    const healthy = await waitHealthy({ health, withinMs: healthWithin, http, clock, signal });
    return healthy.ok ? { ok: true } : { ok: false, detail: `${health.url} is not well: ${healthy.detail}` };
  };
}
