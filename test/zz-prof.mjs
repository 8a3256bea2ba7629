import { startPostgres } from '@slipway/real-parts';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync, mkdtempSync } from 'node:fs';
const pgs = await startPostgres();
const n = Number(process.env.N ?? 500);
const folder = mkdtempSync('/tmp/prof-');
mkdirSync(folder + '/migrations');
writeFileSync(folder + '/slipway.yml', 'app: bench\ncompose: {files: [x.yml]}\nservices: {x: {image: x/y}}\ndatabase: {url: "${DATABASE_URL}"}\n');
for (let i = 1; i <= n; i++) writeFileSync(`${folder}/migrations/${String(i).padStart(5, '0')}_m.sql`, 'SELECT 1;');
await pgs.createDatabase('x');
for (const round of ['first', 'again', 'again']) {
  const t = performance.now();
  const flags = process.env.PROF && round === process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/cpuprof'] : [];
  const done = spawnSync(process.execPath, [...flags, '/work/main/dist/db-migrate/index.js'], { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, RUNNER_TEMP: folder, DATABASE_URL: pgs.url('x'), GITHUB_WORKSPACE: folder, GITHUB_RUN_ID: '1', INPUT_CONFIG: 'slipway.yml', INPUT_VERSION: '1.0.0', INPUT_BACKUP: 'never', ...JSON.parse(process.env.MORE ?? '{}') } });
  console.log(round, (performance.now() - t).toFixed(0), done.status, done.stdout.split('\n').filter((l) => /schema/.test(l)).slice(-1)[0]);
}
await pgs.stop();
