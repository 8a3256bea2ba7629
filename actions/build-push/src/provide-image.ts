import { readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import {
  type Clock,
  type Exec,
  Fault,
  formatDuration,
  type Log,
  type PinnedImage,
  poll,
  type RetryOptions,
  type RetryPolicy,
  retry,
  UserError,
  withDigest,
} from '@slipway/kernel';
import type { Registry } from '@slipway/registry';
import type { CommandPrefix } from '@slipway/runner/programs';
import { type BuildFailure, explainBuild } from './build-failure.ts';
import { buildCommand } from './buildx-command.ts';
import type { ImagePlan } from './image-plan.ts';

/** The programs, registry and folders that images are built with. */
export interface BuildTools {
  buildx: CommandPrefix;
  registry: Registry;
  /** For DOCKER_CONFIG. */
  dockerConfig: string;
  workspace: string;
  temp: string;
  exec: Exec;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** An image that the registry is proven to have. */
export interface PushedImage {
  service: string;
  image: PinnedImage;
  /** `repository:version`. */
  reference: string;
  ms: number;
}

/** For a push that met a temporary error. */
const pushRetries: RetryPolicy = { maxAttempts: 3, firstDelayMs: 2000, factor: 3 };
/** Some registries show a pushed tag with a delay. */
const proof = { intervalMs: 1000, timeoutMs: 10_000 };

/**
 * Makes sure that the registry has the image of one service under its version: builds and pushes it, or looks it up.
 * @throws Fault that names the service, the step of the Dockerfile and its last lines; UserError for an image that
 * was never pushed.
 */
export async function provideImage(plan: ImagePlan, tools: BuildTools): Promise<PushedImage> {
  const { clock, log } = tools;
  const start = clock.monotonic();
  const { build } = plan;
  const reference = `${plan.repository}:${plan.tags[0]}`;
  const digest = build
    ? await buildAndProve({ ...plan, build }, reference, tools)
    : await lookUp(plan, reference, tools);
  const ms = clock.monotonic() - start;
  log.info(`${plan.service} | ${reference} is ${digest} (${formatDuration(ms)})`);
  return { service: plan.service, image: withDigest(plan, digest), reference, ms };
}

async function lookUp(plan: ImagePlan, reference: string, tools: BuildTools): Promise<string> {
  const manifest = await tools.registry.manifest(plan.repository, plan.tags[0]);
  if (manifest) return manifest.digest;
  throw new UserError(`service ${plan.service} has no "build", and ${reference} is not in the registry`, {
    hint: `Push ${reference} before this step, or add services.${plan.service}.build to the configuration.`,
  });
}

type BuiltPlan = Parameters<typeof buildCommand>[1];

async function buildAndProve(plan: BuiltPlan, reference: string, tools: BuildTools): Promise<string> {
  const built = await build(plan, tools);
  const proven = await poll({ ...proof, ...tools, during: `the lookup of ${reference}` }, async () => {
    const manifest = await tools.registry.manifest(plan.repository, plan.tags[0]);
    return manifest
      ? { done: true, value: manifest.digest }
      : { done: false, seen: `the registry has no ${reference}` };
  });
  if (!proven.ok) {
    throw new Fault(`${plan.service} was pushed, but ${proven.seen} ${formatDuration(proven.ms)} later`, {
      hint: 'Check that the registry retains what is pushed and that nothing deletes tags.',
    });
  }
  if (proven.value === built) return built;
  throw new Fault(
    `${plan.service} was pushed as ${built}, but ${reference} is ${proven.value} in the registry`,
    {
      hint: 'Let only one workflow push a version: something else pushed the same tag.',
    },
  );
}

/** Builds and pushes, and retries after a temporary error. Layers that were built are not built again. */
async function build(plan: BuiltPlan, tools: BuildTools): Promise<string> {
  const { exec, log, clock, signal } = tools;
  const metadata = path.join(tools.temp, `${plan.service}.json`);
  const command = buildCommand(tools.buildx, plan, { workspace: tools.workspace, metadata });
  const during = `the build of ${plan.service}`;
  const onRetry: RetryOptions<BuildFailure>['onRetry'] = ({ error, delayMs }) =>
    log.warn(`${plan.service} | ${error.reason}; trying again in ${formatDuration(delayMs)}`);
  const built = await retry<string, BuildFailure>(
    { ...pushRetries, clock, signal, during, onRetry },
    async () => {
      rmSync(metadata, { force: true });
      const completed = await exec(
        { ...command, env: { DOCKER_CONFIG: tools.dockerConfig } },
        { onLine: (line) => log.info(`${plan.service} | ${line}`) },
      );
      if (completed.ok) return { state: 'done', value: readDigest(plan.service, metadata) };
      const error = explainBuild(completed);
      return { state: 'failed', class: error.again ? 'server' : 'permanent', error };
    },
  );
  if (built.ok) return built.value;
  const { error, attempts } = built;
  const tries = attempts > 1 ? ` (tried ${attempts} times)` : '';
  throw new Fault(`the build of ${plan.service} failed${tries}: ${error.reason}`, {
    hint: error.hint,
    details: error.details,
  });
}

/** Exit code 0 without a digest is not a success: nothing would tie what is rolled out to what was built. */
function readDigest(service: string, metadata: string): string {
  let digest: unknown;
  try {
    digest = (JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, unknown>)['containerimage.digest'];
  } catch {
    digest = undefined;
  }
  if (typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new Fault(`docker buildx build of ${service} exited 0 but reported no image digest`, {
    hint: 'Check with "docker buildx ls" that the builder can push.',
  });
}
