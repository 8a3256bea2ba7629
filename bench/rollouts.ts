import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { systemClock } from '@slipway/kernel';
import { execOrThrow } from '@slipway/test-services';
import { type ProbeReport, startProber } from '../demo/prober.ts';
import { type Stage, setStage } from '../demo/stage.ts';
import { runBundle } from '../test/support/action.ts';
import { buildVersion, loadSchema, stepEnvironment } from '../test/support/images.ts';
import { table } from './measure.ts';

const trials = 3;
/** Requests a second, half of them POST, each on its own connection. */
const rate = 200;
const settle = 5000;

/** One way to bring a version into service. */
interface Contender {
  name: string;
  /** What its users would have in front; null keeps the example's. */
  nginx: string | null;
  first(stage: Stage, images: Record<string, string>): Promise<void>;
  update(stage: Stage, images: Record<string, string>): Promise<void>;
  back(stage: Stage, images: Record<string, string>): Promise<void>;
}

const slipway: Contender = {
  name: 'Slipway: rollout, rollback',
  nginx: null,
  first: (stage, images) => action(stage, 'rollout', '1.0.0', images),
  update: (stage, images) => action(stage, 'rollout', '2.0.0', images),
  back: (stage) => action(stage, 'rollback', '', {}),
};

/** nginx as Compose users have it: it asks Docker's DNS every second, so that it finds the recreated containers. */
const resolvingNginx = `user nginx; worker_processes 1; pid /run/nginx.pid; events { worker_connections 1024; }
http {
  access_log off; keepalive_timeout 0; resolver 127.0.0.11 valid=1s;
  server { listen 8080; location / { set $up backend; proxy_pass http://$up:3000; } }
  server { listen 8081; location / { set $up frontend; proxy_pass http://$up:3000; } }
}
`;

const composeUp: Contender = {
  name: 'docker compose up -d',
  nginx: resolvingNginx,
  first: (stage, images) => upWith(stage, images['1.0.0'] ?? ''),
  update: (stage, images) => upWith(stage, images['2.0.0'] ?? ''),
  back: (stage, images) => upWith(stage, images['1.0.0'] ?? ''),
};

/** Requests that fail while a version is replaced, and while it is put back, on the same application. */
export async function rollouts(): Promise<void> {
  const rows: string[][] = [];
  for (const contender of [slipway, composeUp]) {
    for (let trial = 1; trial <= trials; trial++) {
      const { update, back } = await measure(contender);
      rows.push([contender.name, String(trial), ...cells(update), ...cells(back)]);
      console.error(
        `${contender.name}, trial ${trial}: ${update.report.failed} and ${back.report.failed} failed`,
      );
    }
  }
  const head = [
    'contender',
    'trial',
    'update s',
    'failed',
    'longest gap ms',
    'back s',
    'failed',
    'longest gap ms',
  ];
  console.log(table(head, rows));
}

interface Measured {
  seconds: number;
  report: ProbeReport;
}

function cells({ seconds, report }: Measured): string[] {
  return [seconds.toFixed(1), `${report.failed} of ${report.requests}`, String(report.maxGap)];
}

async function measure(contender: Contender): Promise<{ update: Measured; back: Measured }> {
  const stage = await setStage(() => {});
  try {
    const images: Record<string, string> = {};
    if (contender.nginx) await stage.repository.commit('0.1.0', { 'nginx/nginx.conf': contender.nginx });
    for (const version of ['1.0.0', '2.0.0']) images[version] = await buildVersion(stage, version);
    await loadSchema(stage);
    await stage.startProxy();
    await contender.first(stage, images);
    const update = await underLoad(stage, () => contender.update(stage, images));
    const back = await underLoad(stage, () => contender.back(stage, images));
    return { update, back };
  } finally {
    await stage.stop();
  }
}

async function underLoad(stage: Stage, change: () => Promise<void>): Promise<Measured> {
  const prober = startProber(stage.api, rate);
  await systemClock.sleep(settle);
  const start = performance.now();
  await change();
  const seconds = (performance.now() - start) / 1000;
  await systemClock.sleep(settle);
  return { seconds, report: await prober.stop() };
}

async function action(
  stage: Stage,
  name: string,
  version: string,
  images: Record<string, string>,
): Promise<void> {
  const env = { ...stepEnvironment(stage), GITHUB_RUN_ID: version || '1', GITHUB_SHA: 'c0ffee' };
  const inputs = { environment: 'demo', version, ...(images[version] ? { images: images[version] } : {}) };
  const run = await runBundle(name, { inputs, env, workspace: stage.repository.dir });
  if (run.code !== 0) throw new Error(run.errors.join('\n') || run.stderr);
}

async function upWith(stage: Stage, images: string): Promise<void> {
  const services = images.split('\n').map((line) => line.split('='));
  const override = path.join(stage.dir, 'images.json');
  await writeFile(
    override,
    JSON.stringify({ services: Object.fromEntries(services.map(([name, image]) => [name, { image }])) }),
  );
  const files = ['--file', 'docker-compose.prod.yml', '--file', override];
  const env = { ...stage.engine.env, ...stage.settings, ...stage.secrets };
  const argv = [
    'compose',
    '--project-name',
    stage.project,
    ...files,
    'up',
    '--detach',
    '--no-deps',
    'backend',
    'frontend',
  ];
  await execOrThrow('deploy with docker', ['docker', ...argv], { cwd: stage.repository.dir, env });
}
