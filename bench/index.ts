import { backup } from './backup.ts';
import { coldStart } from './cold-start.ts';
import { killsBench } from './kills/index.ts';
import { lint } from './lint.ts';
import { migrationFaults } from './migration-faults.ts';
import { migrations } from './migrations.ts';
import { readMigrations } from './read-migrations.ts';
import { rolloutCost } from './rollout-cost.ts';
import { rollouts } from './rollouts.ts';
import { signatures } from './signatures.ts';
import { verdicts } from './verdicts.ts';

const benches: Record<string, (options: readonly string[]) => Promise<void>> = {
  backup,
  'cold-start': coldStart,
  kills: killsBench,
  lint: () => lint(),
  migrations,
  'migration-faults': migrationFaults,
  'read-migrations': readMigrations,
  rollouts,
  'rollout-cost': rolloutCost,
  signatures,
  verdicts,
};

/** `npm run bench` runs all, `npm run bench -- NAME` one, with its options. Tables go to stdout, progress to stderr. */
const given = process.argv.slice(2);
const firstOption = given.findIndex((one) => one.startsWith('--'));
const wanted = firstOption < 0 ? given : given.slice(0, firstOption);
const options = given.slice(wanted.length);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`there is no bench "${unknown[0]}": choose ${Object.keys(benches).join(', ')}`);
  process.exitCode = 1;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
    console.log(`\n## ${name}\n`);
    await benches[name]?.(options);
  }
}
