import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { describeError } from '@slipway/kernel';
import { paint } from './ink.ts';
import { play } from './play.ts';
import { scenarios } from './scenarios.ts';
import { type PlatformName, platforms, type Stage, setStage } from './stage.ts';

const usage = `npm run demo -- [--scenario NAME] [--platform compose|kubernetes] [--keep] [--verbose]
npm run demo -- --list`;

const say = (line: string): void => console.log(line);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'good' },
      platform: { type: 'string', default: 'compose' },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) say(usage);
  if (values.list)
    for (const [name, { title }] of Object.entries(scenarios)) say(`${name.padEnd(10)} ${title}`);
  if (values.help || values.list) return 0;
  const scenario = scenarios[values.scenario];
  if (!scenario) {
    say(`there is no scenario "${values.scenario}": choose ${Object.keys(scenarios).join(', ')}`);
    return 1;
  }
  const platform = platforms.find((name) => name === values.platform);
  if (!platform) {
    say(`there is no platform "${values.platform}": choose ${platforms.join(', ')}`);
    return 1;
  }
  return onStage(values.scenario, platform, values);
}

/** Sets the stage, plays, and clears everything away whatever happens. */
async function onStage(
  scenario: string,
  platform: PlatformName,
  values: { verbose: boolean; keep: boolean },
): Promise<number> {
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort());
  process.on('SIGTERM', () => stop.abort());
  const stage = await setStage((line) => say(paint('gray', `  ${line}`)), platform);
  try {
    const code = await perform(scenario, stage, values, stop.signal);
    if (values.keep) await untilStopped(stop.signal);
    return code;
  } finally {
    await stage.stop();
  }
}

async function perform(
  name: string,
  stage: Stage,
  values: { verbose: boolean; keep: boolean },
  signal: AbortSignal,
): Promise<number> {
  const scenario = scenarios[name];
  if (!scenario) return 1;
  const start = performance.now();
  const report = await play({
    name,
    scenario,
    stage,
    say,
    verbose: values.verbose,
    approve: () => approve(signal),
    signal,
  });
  if (signal.aborted) {
    say(`demo ${name}: stopped by you; cleaning up`);
    return 130;
  }
  if (values.keep) printAddresses(stage);
  const took = ((performance.now() - start) / 1000).toFixed(1);
  const wrong = scenario.judge(report);
  if (report.probe.failed > 0) say(`  failed requests by kind: ${JSON.stringify(report.probe.kinds)}`);
  if (wrong.length > 0) {
    say(paint('red', `demo ${name}: NOT as expected: ${wrong.join('; ')}`));
    return 1;
  }
  const { requests, failed } = report.probe;
  say(paint('green', `demo ${name}: as expected in ${took} s, ${requests} requests, ${failed} failed`));
  return 0;
}

/** Asks at a terminal; announces the approval where nobody can be asked. */
async function approve(signal: AbortSignal): Promise<'approved' | 'rejected'> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    say('  approved automatically: there is no terminal to ask at');
    return 'approved';
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question('  Approve the release? [Y/n] ', { signal });
    return /^\s*(?:y|yes|)\s*$/i.test(answer) ? 'approved' : 'rejected';
  } finally {
    terminal.close();
  }
}

function printAddresses(stage: Stage): void {
  say(`  API      ${stage.api}`);
  say(`  frontend ${stage.app}`);
  say(`  registry ${stage.registry}`);
  say('  everything keeps running until you press Ctrl-C');
}

async function untilStopped(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  clearInterval(alive);
}

try {
  process.exitCode = await main();
} catch (error) {
  const hint = (error as { hint?: string }).hint;
  console.error(paint('red', `demo: ${describeError(error)}`));
  if (hint) console.error(hint);
  process.exitCode = 1;
}
