import { parseArgs } from 'node:util';
import { platforms } from '../../demo/stage.ts';
import { kills } from './bench.ts';
import { stories } from './plan.ts';
import { printResult } from './print.ts';

/**
 * Kills releases and rollbacks at every boundary and at random moments, lets the rescue, a re-run or the next release act,
 * and checks what the target has come to.
 */
export async function killsBench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sample: { type: 'string', default: '100' },
      from: { type: 'string', default: '0' },
      platform: { type: 'string' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string' },
    },
  });
  const wanted = platforms.filter((one) => values.platform === undefined || one === values.platform);
  if (wanted.length === 0)
    throw new Error(`there is no platform "${values.platform}": ${platforms.join(', ')}`);
  const only = values.case === undefined ? undefined : Number(values.case);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  for (const platform of wanted) {
    if (interrupted.signal.aborted) break;
    const range = { seed: Number(values.seed), from: Number(values.from), sample: Number(values.sample) };
    const options = { platform, stories, ...range, only };
    const timed = only === undefined ? 5 : 0;
    const result = await kills({ ...options, timed, signal: interrupted.signal }, (line) =>
      console.error(`${platform}: ${line}`),
    );
    printResult(result);
    if (result.played.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
  }
}
