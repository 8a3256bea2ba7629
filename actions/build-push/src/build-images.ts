import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { Cancelled, createExec, Fault, formatDuration, type PinnedImage, UserError } from '@slipway/kernel';
import { dockerConfigFolder, openRegistry, registryAddress } from '@slipway/registry';
import type { Evidence, ReleaseRecord } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { type FoundProgram, findPrograms } from '@slipway/runner/programs';
import { buildCommand, shellLine } from './buildx-command.ts';
import type { BuildPushContext } from './context.ts';
import { type ImagePlan, planImages } from './image-plan.ts';
import { type Login, logIn } from './login.ts';
import { type BuildTools, type PushedImage, provideImage } from './provide-image.ts';

/** Builds and pushes the services that have a "build", and looks up the images of the others, all concurrently. */
export async function buildImages(context: BuildPushContext): Promise<Result> {
  const { record, clock } = context;
  const plans = planImages(context.config.services, record, {
    source: context.run.repositoryUrl,
    created: clock.now(),
  });
  if (plans.length === 0) throw new UserError('the configuration has no services to build');
  checkSources(plans, context.workspace);
  if (context.dryRun) return describePlan(context, plans);
  const start = clock.monotonic();
  const stop = new AbortController();
  const images = await provideAll(plans, await openBuildTools(context, plans, stop.signal), stop);
  if (context.signal.aborted) throw new Cancelled('the builds');
  const took = formatDuration(clock.monotonic() - start);
  return {
    outcome: 'passed',
    summary: `${describeImages(images)} are in the registry as ${record.version}, proven by digest, after ${took}.`,
    record: { ...record, services: { ...record.services, ...recorded(record, images) } },
    evidence: evidenceOf(images),
    outputs: {
      digests: JSON.stringify(
        Object.fromEntries(images.map(({ service, image }) => [service, image.digest])),
      ),
    },
  };
}

/** @throws UserError that names every missing folder and file, before anything is built. */
function checkSources(plans: readonly ImagePlan[], workspace: string): void {
  const problems = plans.flatMap(({ service, build }) => {
    if (!build || /^(https?|git|ssh):\/\//.test(build.context)) return [];
    const folder = path.resolve(workspace, build.context);
    if (!existsSync(folder))
      return [`services.${service}.build.context: folder ${build.context} does not exist`];
    const file = path.resolve(folder, build.dockerfile);
    const shown = path.relative(workspace, file);
    return existsSync(file) ? [] : [`services.${service}.build.dockerfile: file ${shown} does not exist`];
  });
  if (problems.length > 0) {
    throw new UserError(problems.join('\n'), {
      hint: 'Check out the repository before this step. "dockerfile" is relative to "context".',
    });
  }
}

function describePlan(context: BuildPushContext, plans: readonly ImagePlan[]): Result {
  for (const plan of plans) {
    const { build } = plan;
    const paths = { workspace: context.workspace, metadata: 'metadata.json' };
    context.log.info(
      build
        ? shellLine(buildCommand(['docker', 'buildx'], { ...plan, build }, paths))
        : `look up the digest of ${plan.repository}:${plan.tags[0]}`,
    );
  }
  const built = plans.filter(({ build }) => build).length;
  return {
    outcome: 'skipped',
    summary: `Dry run: ${built} of ${plans.length} images would be built and pushed as ${context.record.version}, and ${plans.length - built} looked up; nothing was built.`,
  };
}

/** Finds the programs that the plans need, and logs in when there is a login. */
async function openBuildTools(
  context: BuildPushContext,
  plans: readonly ImagePlan[],
  stop: AbortSignal,
): Promise<BuildTools> {
  const { config, env, temp, log } = context;
  const signal = AbortSignal.any([context.signal, stop]);
  const exec = createExec({ env, signal, redactor: context.redactor });
  const options = { ...context, programs: config.programs, exec, signal };
  const login = loginOf(context, plans[0]?.repository);
  const buildx: FoundProgram | undefined = plans.some(({ build }) => build)
    ? (await findPrograms(['docker-buildx'], options))['docker-buildx']
    : undefined;
  let folder = dockerConfigFolder(env);
  if (login) {
    const { docker } = await findPrograms(['docker'], options);
    folder = await logIn(login, { docker: docker.command, exec, env, temp, log });
  }
  return {
    buildx: buildx?.command ?? ['docker', 'buildx'],
    registry: openRegistry(context, folder, exec, signal),
    dockerConfig: folder,
    workspace: context.workspace,
    temp,
    exec,
    clock: context.clock,
    log,
    signal,
  };
}

/** The login of the inputs, for the registry of the first image unless the inputs name another; undefined without one. */
export function loginOf(context: BuildPushContext, firstRepository: string | undefined): Login | undefined {
  const { registry, username, password } = context.inputs;
  if (username === '') return undefined;
  const host = firstRepository === undefined ? 'docker.io' : registryAddress(firstRepository).host;
  return { registry: registry || host, username, password };
}

/** The first failure cancels the other builds: the release has failed with it. */
async function provideAll(
  plans: readonly ImagePlan[],
  tools: BuildTools,
  stop: AbortController,
): Promise<PushedImage[]> {
  const failures: unknown[] = [];
  const cancelled: string[] = [];
  const images = await Promise.all(
    plans.map(async (plan) => {
      try {
        return await provideImage(plan, tools);
      } catch (error) {
        const follows = failures.length > 0 && error instanceof Cancelled;
        if (!follows) failures.push(error);
        else if (plan.build) cancelled.push(plan.service);
        stop.abort();
        return undefined;
      }
    }),
  );
  const first = failures[0];
  if (first === undefined) return images.filter((image) => image !== undefined);
  if (!(first instanceof Fault) || cancelled.length === 0) throw first;
  throw new Fault(`${first.message}; the build of ${cancelled.join(', ')} was cancelled`, {
    cause: first.cause,
    details: first.details,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

function recorded(record: ReleaseRecord, images: readonly PushedImage[]): ReleaseRecord['services'] {
  return Object.fromEntries(
    images.map(({ service, image }) => [
      service,
      { image: image.repository, digest: image.digest, previous: record.services[service]?.previous ?? null },
    ]),
  );
}

function evidenceOf(images: readonly PushedImage[]): Evidence {
  return {
    kind: 'images',
    images: images.map(({ service, reference, image, ms }) => ({
      service,
      reference,
      digest: image.digest,
      ms: Math.round(ms),
    })),
  };
}

/** `backend (sha256:0123456789ab…) and frontend (…)`. */
export function describeImages(images: readonly { service: string; image: PinnedImage }[]): string {
  return images.map(({ service, image }) => `${service} (${image.digest.slice(0, 19)}…)`).join(' and ');
}
