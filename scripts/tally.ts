/** What came of running test files. */
export interface Tally {
  passed: number;
  /** Of each test that failed, its name and the first lines of why. */
  failed: string[];
  /** One line each, for what was not run. */
  skipped: string[];
  files: number;
}

export function noTally(): Tally {
  return { passed: 0, failed: [], skipped: [], files: 0 };
}

export function add(total: Tally, more: Tally): void {
  total.passed += more.passed;
  total.files += more.files;
  total.failed.push(...more.failed);
  total.skipped.push(...more.skipped);
}

/** Prints the sum and returns whether it is bad. In CI a skipped test is a failure: what was not run has proven nothing. */
export function report(total: Tally, unstopped: number): boolean {
  const strict = process.env.CI === 'true';
  if (total.skipped.length > 0) {
    console.log(`\nSkipped${strict ? ' (a failure in CI)' : ''}:`);
    for (const line of total.skipped) console.log(`  ${line}`);
  }
  if (total.files === 0) console.log('\nNo test file matches.');
  if (unstopped > 0) console.log('\nA test left something running, which counts as a failure.');
  if (total.failed.length > 0) {
    console.log('\nFailed:');
    for (const words of total.failed) console.log(`  ${words.replaceAll('\n', '\n    ')}`);
  }
  const failed = total.failed.length + unstopped;
  console.log(`\n${total.passed} passed, ${failed} failed, ${total.skipped.length} skipped`);
  return failed > 0 || total.passed === 0 || (strict && total.skipped.length > 0);
}
