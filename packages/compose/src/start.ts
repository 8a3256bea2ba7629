import { mkdtemp, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describeExit, formatImage, lastLine, lastLines, poll } from '@slipway/kernel';
import { Document, Scalar } from 'yaml';
import { labels } from './argv.ts';
import { exclusiveKeys } from './check.ts';
import { type Container, serves } from './container.ts';
import { explain, type Failing, type Rollout, tellApart } from './sides.ts';
import { judge } from './verdict.ts';

/** How long new containers must stay ready, unless the configuration says otherwise. */
const stableFor = 3000;

/** Brings up what is missing of the wanted containers and waits until all are ready. Null when they are. */
export async function startMissing(rollout: Rollout): Promise<Failing | null> {
  const { engine } = rollout.target;
  const { wanted, others } = await tellApart(rollout);
  const dead = wanted.filter(({ status }) => status !== 'running');
  await engine.remove(dead);
  const present = wanted.length - dead.length;
  if (present === rollout.expected) return awaitReady(rollout, 0);
  const failed = (await pull(rollout)) ?? (await up(rollout, others, present));
  return (
    failed ?? awaitReady(rollout, rollout.target.services[rollout.desired.name]?.['stable-for'] ?? stableFor)
  );
}

async function pull({ target, desired }: Rollout): Promise<Failing | null> {
  const image = formatImage(desired.image);
  if (await target.engine.succeeds('image', 'inspect', image)) return null;
  target.log.info(`${desired.name}: pulling ${image}`);
  const pulled = await target.exec(target.commands.docker('pull', '--quiet', image));
  if (pulled.ok) return null;
  return {
    ok: false,
    reason: `the target cannot pull ${image}: the command ${describeExit(pulled)}: ${lastLine(pulled)}`,
    hint: 'Check that the registry is up and that the Docker host may read from it.',
    details: [],
  };
}

/**
 * Lets Compose create the containers, so that they are what the Compose files say. Ended containers count as
 * replicas for Compose and would be started again, so they are removed first; they serve nothing.
 */
async function up(rollout: Rollout, others: readonly Container[], present: number): Promise<Failing | null> {
  const { target, desired, expected } = rollout;
  const ended = others.filter(
    ({ status }) => status === 'exited' || status === 'dead' || status === 'created',
  );
  await target.engine.remove(ended);
  const missing = expected - present;
  const scale = `${desired.name}=${others.length - ended.length + present + missing}`;
  const override = await writeOverride(rollout);
  const flags = ['--detach', '--no-deps', '--no-recreate', '--no-build', '--scale', scale];
  const done = await target.exec(target.commands.compose(override, 'up', ...flags, desired.name));
  if (done.ok) return null;
  const created = (await tellApart(rollout)).wanted[0];
  return {
    ok: false,
    reason: `docker compose up ${describeExit(done)}: ${lastLine(done)}`,
    hint: 'The old containers were left as they were.',
    details: created ? await target.engine.lastLines(created) : lastLines(done),
  };
}

/**
 * The file that is merged over the Compose files: image and label of the release, and for a restore the removal of keys
 * that would keep the restored containers from starting next to those that run.
 */
async function writeOverride({ target, desired, purpose, model }: Rollout): Promise<string> {
  const folder = await mkdtemp(path.join(target.temp, 'compose-'));
  const file = path.join(folder, 'slipway.yml');
  const marked = desired.release === null ? {} : { labels: { [labels.release]: desired.release } };
  const override = new Document({
    services: { [desired.name]: { image: formatImage(desired.image), ...marked } },
  });
  // What ran before had none of these: a rollout with them is refused. They came with the new release's files.
  const reset = purpose === 'restore' ? exclusiveKeys(model.services[desired.name] ?? {}) : [];
  for (const { path: at } of reset) override.setIn(['services', desired.name, ...at], resetTag());
  await writeFile(file, override.toString());
  return file;
}

function resetTag(): Scalar {
  const node = new Scalar(null);
  node.tag = '!reset';
  return node;
}

/** Ready, and ready without a break for `hold` ms: some applications die a second after they looked fine. */
async function awaitReady(rollout: Rollout, hold: number): Promise<Failing | null> {
  const { target, desired, expected } = rollout;
  const { clock, signal } = target;
  const within = (target.services[desired.name]?.['start-timeout'] ?? 60_000) + hold;
  let readySince: number | undefined;
  let said = '';
  const wait = { clock, signal, every: 250, within, during: `the start of ${desired.name}` };
  const waited = await poll<Failing | null>(wait, async () => {
    const { wanted, others } = await tellApart(rollout);
    const verdict = judge(wanted, expected);
    if (verdict.state === 'failed')
      return { done: true, value: await explain(target, verdict.container, verdict.reason) };
    const seen = verdict.state === 'ready' ? `${expected}/${expected} new ready` : verdict.seen;
    const line = `${desired.name}: ${seen}, ${others.filter(serves).length}/${others.length} old serving`;
    if (line !== said) target.log.info(line);
    said = line;
    readySince = verdict.state === 'ready' ? (readySince ?? clock.monotonic()) : undefined;
    const held = readySince !== undefined && clock.monotonic() - readySince >= hold;
    return held ? { done: true, value: null } : { done: false, seen };
  });
  if (waited.ok) return waited.value;
  const reason = `not ready within ${Math.round(within / 1000)} s (${waited.seen})`;
  const { wanted } = await tellApart(rollout);
  const late = wanted.find((container) => !serves(container)) ?? wanted[0];
  if (!late)
    return {
      ok: false,
      reason: `no new container appeared: ${reason}`,
      hint: 'Look at the Docker Engine.',
      details: [],
    };
  return explain(target, late, `${late.name} is ${reason}`);
}
