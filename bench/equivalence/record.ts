import { appendFileSync, mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { type PlatformName, platforms, root, type Stage, setStage } from '../../demo/stage.ts';
import { buildVersion } from '../../test/support/images.ts';
import type { RecordedRun } from '../../test/support/recorded-runs.ts';
import { earlierInputs, renames } from './renames.ts';
import { scenariosOf } from './scenarios/index.ts';
import { type Build, makePlayer, type Scenario } from './scenarios/player.ts';

/**
 * Plays the scenarios with the bundles and the example of one checkout, on real servers, and records each run.
 *
 *   node bench/equivalence/record.ts --checkout FOLDER --out FOLDER [--earlier] [--platform compose|kubernetes]… [PATTERN]
 *
 * `--earlier`: the checkout is of before the renames. PATTERN picks scenarios by title.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    checkout: { type: 'string', default: root },
    out: { type: 'string', default: 'runs' },
    earlier: { type: 'boolean', default: false },
    platform: { type: 'string', multiple: true, default: [...platforms] },
  },
});
const wanted = new RegExp(positionals[0] ?? '');
const build: Build = {
  dist: path.resolve(values.checkout, 'dist'),
  inputs: (inputs) => (values.earlier ? earlierInputs(inputs, renames) : inputs),
};
mkdirSync(values.out, { recursive: true });
for (const platform of platforms.filter((name) => values.platform.includes(name))) await playAll(platform);

async function playAll(platform: PlatformName): Promise<void> {
  const stage = await setStage(
    (line) => console.error(`    ${line}`),
    platform,
    path.resolve(values.checkout, 'workflows-examples/docsense'),
  );
  try {
    await stage.repository.commit('0.0.1', await prepare(stage));
    const images = await buildImages(stage);
    const { beforeProxy, afterProxy } = scenariosOf(platform);
    await play(stage, images, beforeProxy);
    await stage.startProxy();
    await play(stage, images, afterProxy);
  } finally {
    await stage.stop();
  }
}

/** Files of the example with deadlines for a machine that does other work too. */
async function prepare({ repository, config }: Stage): Promise<Record<string, string>> {
  const compose = 'docker-compose.prod.yml';
  const files = {
    [config]: (await repository.read(config)).replaceAll(
      '{ stable-for:',
      '{ start-timeout: 10m, stable-for:',
    ),
    [compose]: (await repository.read(compose)).replace('timeout: 5s', 'timeout: 30s'),
  };
  for (const file of ['k8s/backend-deployment.yaml', 'k8s/frontend-deployment.yaml'])
    files[file] = (await repository.read(file))
      .replaceAll(/timeoutSeconds: \d/g, 'timeoutSeconds: 20')
      .replaceAll(/failureThreshold: \d+/g, 'failureThreshold: 600');
  return files;
}

/** Versions that work, and versions that are broken in one way each. */
async function buildImages(stage: Stage): Promise<Record<string, string>> {
  const images: Record<string, string> = {};
  for (const version of ['1.0.0', '2.0.0']) images[version] = await buildVersion(stage, version);
  for (const fault of ['crash', 'sick', 'deaf']) images[fault] = await buildVersion(stage, fault, fault);
  const file = 'frontend/server.js';
  const server = await stage.repository.read(file);
  await stage.repository.write({ [file]: "console.error('no API_URL'); process.exit(1);\n" });
  images['crash-frontend'] = await buildVersion(stage, 'crash-frontend');
  await stage.repository.write({ [file]: server });
  return images;
}

async function play(
  stage: Stage,
  images: Readonly<Record<string, string>>,
  scenarios: readonly (readonly [string, Scenario])[],
): Promise<void> {
  for (const [name, scenario] of scenarios) {
    const title = `${stage.platform}: ${name}`;
    if (!wanted.test(title)) continue;
    const record = (run: RecordedRun): void => {
      console.error(`${title}: ${run.action} ${run.step}: ${run.outputs.outcome ?? run.signal ?? run.code}`);
      appendFileSync(path.join(values.out, `${stage.platform}.jsonl`), `${JSON.stringify(run)}\n`);
    };
    await scenario(makePlayer(build, { stage, images }, title, record));
  }
}
