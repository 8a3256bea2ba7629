import { appendFileSync } from 'node:fs';
import * as path from 'node:path';

/** What one run of a bundle came to, as bench/equivalence compares it. */
export interface RecordedRun {
  /** File and title of the test that ran the bundle. */
  test: string;
  /** Which run of the bundle within that test, from 1. */
  step: number;
  action: string;
  inputs: Record<string, string>;
  code: number | null;
  signal: string | null;
  /** How often it said `::error::`. */
  errors: number;
  outputs: Record<string, string>;
  /** What was true on the target after the run, where that was observed. */
  target?: Record<string, string>;
}

type Result = Pick<RecordedRun, 'code' | 'signal' | 'outputs'> & { errors: readonly string[] };

const steps = new Map<string, number>();

/**
 * Notes a run of a bundle when `SLIPWAY_RECORD_RUNS` names a folder, so that two builds can be compared by all that the
 * tests make them do. @returns what takes the result of the run.
 */
export function recordRun(action: string, inputs: Record<string, string>): (result: Result) => void {
  const folder = process.env.SLIPWAY_RECORD_RUNS;
  if (!folder) return () => undefined;
  const test = currentTest();
  const step = (steps.get(test) ?? 0) + 1;
  steps.set(test, step);
  return ({ code, signal, errors, outputs }) => {
    const run: RecordedRun = { test, step, action, inputs, code, signal, errors: errors.length, outputs };
    appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify(run)}\n`);
  };
}

/** Jest has a global that knows; the demo and the benches run without Jest. */
function currentTest(): string {
  const { expect } = globalThis as {
    expect?: { getState(): { currentTestName?: string; testPath?: string } };
  };
  const { currentTestName, testPath = '' } = expect?.getState() ?? {};
  return `${path.basename(testPath, '.test.ts')}: ${currentTestName ?? '(before all)'}`;
}
