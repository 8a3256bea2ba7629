import { readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import {
  type AttemptResult,
  Cancelled,
  type Clock,
  type CommandResult,
  type Exec,
  Fault,
  formatDuration,
  type Log,
  type RetryPolicy,
  retry,
} from '@slipway/kernel';
import type { CommandPrefix } from '@slipway/runner/programs';
import { type BuildFailure, explainBuild, stalledUpload } from './build-failure.ts';
import { buildCommand } from './buildx-command.ts';
import type { BuiltPlan } from './image-plan.ts';
import { UploadWatch } from './stall.ts';

/** What an image is built with. */
export interface Builder {
  buildx: CommandPrefix;
  /** For DOCKER_CONFIG. */
  dockerConfig: string;
  workspace: string;
  temp: string;
  /** Runs commands that a further signal can end. */
  exec(signal?: AbortSignal): Exec;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** For a push that met a temporary error. */
const pushRetries: RetryPolicy = { maxAttempts: 3, firstDelayMs: 2000, factor: 3 };

/**
 * Builds and pushes, and retries after a temporary error. Layers that were built are not built again.
 * @param settled The digest of an image that was pushed although the push seemed to fail; null when there is none.
 * @returns the digest. @throws Fault that names the services, the step of the Dockerfile and the cause.
 */
export async function buildImage(
  plan: BuiltPlan,
  tags: readonly string[],
  builder: Builder,
  settled: () => Promise<string | null>,
): Promise<string> {
  const { log, clock, signal } = builder;
  const name = plan.services.join(', ');
  const built = await retry<string, BuildFailure>(
    {
      ...{ ...pushRetries, clock, signal, during: `the build of ${name}` },
      onRetry: ({ error, delayMs }) =>
        log.warn(`${name} | ${error.reason}; trying again in ${formatDuration(delayMs)}`),
    },
    async () => {
      const result = await attempt(plan, tags, builder);
      const digest = result.state === 'failed' && !result.error.inDockerfile ? await settled() : null;
      return digest === null ? result : { state: 'done', value: digest };
    },
  );
  if (built.ok) return built.value;
  const { error, attempts } = built;
  const tries = attempts > 1 ? ` (tried ${attempts} times)` : '';
  throw new Fault(`the build of ${name} failed${tries}: ${error.reason}`, {
    hint: error.hint,
    details: error.details,
  });
}

async function attempt(
  plan: BuiltPlan,
  tags: readonly string[],
  builder: Builder,
): Promise<AttemptResult<string, BuildFailure>> {
  const { log, workspace, temp } = builder;
  const name = plan.services.join(', ');
  const metadata = path.join(temp, `${plan.services[0]}.json`);
  rmSync(metadata, { force: true });
  const command = buildCommand(builder.buildx, plan, tags, { workspace, metadata });
  const stallMs = plan.build['stall-timeout'];
  const upload = new UploadWatch(stallMs);
  let completed: CommandResult;
  try {
    completed = await builder.exec(upload.signal)(
      { ...command, env: { ...command.env, DOCKER_CONFIG: builder.dockerConfig } },
      {
        onLine: (line) => {
          upload.line(line);
          log.info(`${name} | ${line}`);
        },
      },
    );
  } catch (error) {
    if (!(error instanceof Cancelled) || !upload.signal.aborted) throw error;
    return { state: 'failed', class: 'transport', error: stalledUpload(stallMs) };
  } finally {
    upload.end();
  }
  if (completed.ok) return { state: 'done', value: readDigest(name, metadata) };
  const error = explainBuild(completed);
  return { state: 'failed', class: error.again ? 'server' : 'permanent', error };
}

/** Exit code 0 without a digest is not a success: nothing would tie what is rolled out to what was built. */
function readDigest(name: string, metadata: string): string {
  let digest: unknown;
  try {
    digest = (JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, unknown>)['containerimage.digest'];
  } catch {
    digest = undefined;
  }
  if (typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new Fault(`docker buildx build of ${name} exited 0 but reported no image digest`, {
    hint: 'Check with "docker buildx ls" that the builder can push.',
  });
}
