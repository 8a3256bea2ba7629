import { describeExit, formatImage, lastLine, lastLines, type PollStep, poll } from '@slipway/kernel';
import { type Container, isReady, isRunning } from './container.ts';
import { writeOverride } from './override.ts';
import { partitionContainers, type ServiceRollout } from './partition.ts';
import { PortCheck } from './port-check.ts';
import { containerFailure, type StepFailure, type StepResult } from './step-result.ts';
import { judge } from './verdict.ts';

/** How long new containers must stay ready, unless the configuration says otherwise. */
export const defaultStabilityWindowMs = 3000;
const defaultStartTimeoutMs = 60_000;

/** Starts the containers of the release that are missing, and waits until all of them are ready. */
export async function startMissing(rollout: ServiceRollout): Promise<StepResult> {
  const { engine, services } = rollout.target;
  const { current, superseded } = await partitionContainers(rollout);
  const down = current.filter(({ status }) => status !== 'running');
  await engine.remove(down);
  const present = current.length - down.length;
  const stableFor = services[rollout.desired.name]?.['stable-for'] ?? defaultStabilityWindowMs;
  if (present === rollout.expected) return awaitReady(rollout, haveCrashed(rollout, current) ? stableFor : 0);
  const pulled = await pull(rollout);
  if (!pulled.ok) return pulled;
  await rollout.assertHeld();
  const started = await up(rollout, superseded);
  if (!started.ok) return started;
  return awaitReady(rollout, stableFor);
}

/** Whether one of them had crashes before: it may be between two of them, and is looked at for as long as a new one. */
function haveCrashed({ ranBefore }: ServiceRollout, containers: readonly Container[]): boolean {
  return containers.some(({ id }) => (ranBefore.get(id)?.restarts ?? 0) > 0);
}

async function pull({ target, desired }: ServiceRollout): Promise<StepResult> {
  const image = formatImage(desired.image);
  if (await target.engine.succeeds('image', 'inspect', image)) return { ok: true };
  target.log.info(`${desired.name}: pulling ${image}`);
  const pulled = await target.exec(target.commands.docker('pull', '--quiet', image));
  if (pulled.ok) return { ok: true };
  return {
    ok: false,
    reason: `the target cannot pull ${image}: the command ${describeExit(pulled)}: ${lastLine(pulled)}`,
    hint: 'Check that the registry is up and that the Docker host may pull from it.',
    details: [],
  };
}

/**
 * Lets Compose create the containers, so that they are what the Compose files describe. Compose counts exited containers
 * as replicas and would start them again, so they are removed first; they serve nothing.
 */
async function up(rollout: ServiceRollout, superseded: readonly Container[]): Promise<StepResult> {
  const { target, desired, expected, saved } = rollout;
  const exited = superseded.filter(({ status }) => ['exited', 'dead', 'created'].includes(status));
  await target.engine.remove(exited);
  const scale = `${desired.name}=${superseded.length - exited.length + expected}`;
  const override = await writeOverride(rollout);
  const flags = ['--detach', '--no-deps', '--no-recreate', '--no-build', '--scale', scale];
  const commands = saved === null ? target.commands : target.commands.reading(saved);
  const done = await target.exec(commands.compose(override, 'up', ...flags, desired.name));
  if (done.ok) return { ok: true };
  const created = (await partitionContainers(rollout)).current[0];
  return {
    ok: false,
    reason: `docker compose up ${describeExit(done)}: ${lastLine(done)}`,
    hint: 'Fix the cause and re-run this job. The old containers were not changed.',
    details: created ? await target.engine.lastLines(created) : lastLines(done),
  };
}

/** Waits until the containers have been ready for the stability window: some applications crash a second after they looked ready. */
async function awaitReady(rollout: ServiceRollout, stabilityWindowMs: number): Promise<StepResult> {
  const { target, desired } = rollout;
  const { clock, signal, services } = target;
  const timeoutMs = (services[desired.name]?.['start-timeout'] ?? defaultStartTimeoutMs) + stabilityWindowMs;
  const wait = { clock, signal, intervalMs: 250, timeoutMs, during: `the start of ${desired.name}` };
  const polled = await poll(wait, readinessCheck(rollout, stabilityWindowMs));
  if (polled.ok) return polled.value;
  return notReady(rollout, `not ready after ${Math.round(timeoutMs / 1000)} s (${polled.seen})`);
}

/** One check of the new containers; it logs what changed since the one before. */
function readinessCheck(
  rollout: ServiceRollout,
  stabilityWindowMs: number,
): () => Promise<PollStep<StepResult>> {
  const { target, desired, expected } = rollout;
  const { clock, log } = target;
  const ports = new PortCheck(rollout);
  let readySince: number | undefined;
  let logged = '';
  return async () => {
    const { current, superseded } = await partitionContainers(rollout);
    const verdict = judge(current, expected);
    if (verdict.state === 'failed')
      return { done: true, value: await containerFailure(target, verdict.container, verdict.reason) };
    const port = verdict.state === 'ready' ? await ports.ask(current) : null;
    if (port?.state === 'failed') return { done: true, value: port.failure };
    const seen =
      verdict.state === 'waiting' ? verdict.seen : (port?.seen ?? `${expected}/${expected} new ready`);
    const line = `${desired.name}: ${seen}, ${superseded.filter(isRunning).length}/${superseded.length} old running`;
    if (line !== logged) log.info(line);
    logged = line;
    readySince = verdict.state === 'ready' && !port ? (readySince ?? clock.monotonic()) : undefined;
    const stable = readySince !== undefined && clock.monotonic() - readySince >= stabilityWindowMs;
    return stable ? { done: true, value: { ok: true } } : { done: false, seen };
  };
}

async function notReady(rollout: ServiceRollout, problem: string): Promise<StepFailure> {
  const { current } = await partitionContainers(rollout);
  const late = current.find((container) => !isReady(container)) ?? current[0];
  if (late) return containerFailure(rollout.target, late, `${late.name} was ${problem}`);
  return {
    ok: false,
    reason: `no new container appeared: ${problem}`,
    hint: 'Check the log of the Docker Engine.',
    details: [],
  };
}
