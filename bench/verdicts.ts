import { readSnapshots } from '../packages/kubernetes/src/snapshot/read-snapshot.ts';
import { judge } from '../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../packages/kubernetes/src/verdict/model.ts';
import { crowd } from '../test/unit/kubernetes/recorded/crowd.ts';
import { median, table } from './measure.ts';

const runs = 21;

/** Reading and judging one snapshot of 200 workloads with 2,000 pods, half rolled out, some of them failing. */
export async function verdicts(): Promise<void> {
  const { list, workloads, watched, at } = crowd(200);
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    for (const [one, snapshot] of readSnapshots(list, workloads, at).entries())
      judge(snapshot, watched[one] as (typeof watched)[number], emptyMemory);
    return performance.now() - start;
  });
  const megabytes = process.resourceUsage().maxRSS / 1000;
  const rows = [[median(times).toFixed(0), Math.max(...times).toFixed(0), megabytes.toFixed(0)]];
  console.log(table(['median ms', 'slowest ms', 'peak memory of the whole process MB'], rows));
}
