import { type Parts, runRounds } from './rounds.ts';

/**
 * Tests that start servers run one file after the other: several engines and databases at once on a small machine
 * make each other miss their deadlines. The rest runs side by side. Those that need a cluster have a command of their
 * own, because the first cluster takes minutes.
 */
const rounds = [
  { title: 'unit, contract, bundle', files: /^test\/(?!live\/|workflow\/|cluster\/)/, workers: 2 },
  { title: 'live, workflow', files: /^test\/(live|workflow)\//, workers: 1, start: startParts },
];

/** Installs what is missing, once for all, and sees to a container engine. */
async function startParts(say: (line: string) => void): Promise<Parts> {
  const { provision, startEngine } = await import('@slipway/real-parts');
  await provision(
    ['engine', 'compose', 'buildx', 'registry', 'postgres', 'prometheus', 'nginx', 'chromium'],
    say,
  );
  return startEngine(say);
}

await runRounds(rounds, process.argv.slice(2));
