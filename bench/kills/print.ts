import { median, table } from '../measure.ts';
import type { KillsResult } from './bench.ts';
import type { Played } from './case.ts';
import { boundaryName } from './plan.ts';

/** Prints what was killed where, and everything that did not hold, with the command that plays it again. */
export function printResult(result: KillsResult): void {
  const { options, played, boundaries, back, seconds } = result;
  const killed = played.filter(({ kill }) => kill.met);
  const met = boundaries.filter((one) => killed.some(({ kill }) => kill.boundary === boundaryName(one)));
  const broken = played.filter(({ violations }) => violations.length > 0);
  const requests = played.reduce((sum, { traffic }) => sum + traffic.requests, 0);
  const numbers = played.map(({ planned }) => planned.number);
  const cases = `cases ${numbers.at(0) ?? '–'} to ${numbers.at(-1) ?? '–'}`;
  console.log(`\n### ${options.platform}, seed ${options.seed}, ${cases}\n`);
  console.log(
    `${killed.length} kills in ${seconds.toFixed(0)} s, ${met.length} of ${boundaries.length} boundaries met, ` +
      `${broken.length} with a violation; ${requests} requests of users.\n`,
  );
  console.log(countTable('boundary, the last change before the kill', killed, ({ kill }) => kill.boundary));
  console.log(countTable('phase on the target', killed, ({ phase }) => phase));
  console.log(countTable('story', killed, ({ planned }) => planned.story));
  console.log(countTable('acts next', killed, ({ planned }) => actorOf(planned)));
  printBack(back);
  for (const one of broken) printBroken(options, one);
}

function actorOf({ actor, waiting }: Played['planned']): string {
  return waiting ? `${actor}, while a release waits` : actor;
}

function countTable(title: string, played: readonly Played[], of: (one: Played) => string): string {
  const rows = [...Map.groupBy(played, of)].sort(([a], [b]) => a.localeCompare(b));
  const whens = ['before', 'during', 'after'] as const;
  const counted = rows.map(([name, ones]) => [
    name,
    ...whens.map((when) => String(ones.filter(({ kill }) => kill.when === when).length)),
    String(ones.length),
  ]);
  return `${table([title, ...whens, 'kills'], counted)}\n`;
}

function printBack({ ours, theirs }: KillsResult['back']): void {
  const row = (name: string, ms: readonly number[]): string[] => [
    name,
    (median(ms) / 1000).toFixed(1),
    (Math.max(...ms) / 1000).toFixed(1),
    String(ms.length),
  ];
  if (ours.length === 0 || theirs.length === 0) return;
  const rows = [
    row('Slipway, from the verdict to proven', ours),
    row("the platform's own, unverified", theirs),
  ];
  console.log(`${table(['back to the old version', 'median s', 'longest s', 'times'], rows)}\n`);
}

function printBroken(
  { platform, seed }: KillsResult['options'],
  { planned, kill, violations }: Played,
): void {
  const { number, story } = planned;
  console.log(`Case ${number}, ${story}, killed ${kill.when} ${kill.boundary}:`);
  for (const violation of violations) console.log(`- ${violation}`);
  const again = `npm run bench -- kills --platform ${platform} --seed ${seed} --case ${number}`;
  console.log(`Again: ${again}\n`);
}
