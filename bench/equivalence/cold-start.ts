import { loadavg } from 'node:os';
import * as path from 'node:path';
import { measureStarts, nameOf } from '../cold-start.ts';
import { median, table } from '../measure.ts';

/**
 * Compares how long the bundles of two builds take to start. The builds take turns, so that both see the same machine.
 *
 *   node bench/equivalence/cold-start.ts BEFORE AFTER   (two folders like `dist`)
 */
const [before, after] = process.argv.slice(2);
if (!before || !after) throw new Error('name two folders of bundles');
const load = loadavg()[0] ?? 0;
const times = measureStarts([path.resolve(before), path.resolve(after)]);
const files = [...times.keys()];
const rows = [...new Set(files.map(nameOf))].map((name) => {
  const measured = files.filter((file) => nameOf(file) === name).map((file) => times.get(file) ?? []);
  const cells = measured.flatMap((all) => [median(all).toFixed(0), Math.min(...all).toFixed(0)]);
  return [name, ...cells];
});
console.log(table(['bundle', 'before ms', 'fastest', 'after ms', 'fastest'], rows));
console.log(`Load average at the start: ${load.toFixed(2)}`);
