import { existsSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { poll, systemClock } from '@slipway/kernel';
import type { BundleResult } from './action.ts';
import type { Given, MigrationFixture } from './migrations.ts';

/** A run that has planned and waits before its first file, until it is resumed. */
export interface PausedRun {
  run: Promise<BundleResult>;
  go(): void;
}

/** Pauses it in its backup, which is a program of the test. The configuration has no other backup afterwards. */
export async function pauseBeforeFiles(plot: MigrationFixture, given: Given = {}): Promise<PausedRun> {
  const at = (file: string): string => path.join(plot.workspace, file);
  plot.write('snapshot.sh', 'touch waiting\nwhile [ ! -e go ]; do sleep 0.1; done\n');
  plot.replaceConfig(
    'backup: {to',
    `backup: {mode: snapshot-command, snapshot-command: [sh, -c, "cd ${plot.workspace} && . ./snapshot.sh"], to`,
  );
  const run = plot.migrate(given);
  const signal = new AbortController().signal;
  const wait = {
    clock: systemClock,
    signal,
    timeoutMs: 20_000,
    intervalMs: 50,
    during: 'the wait for a run',
  };
  const seen = await poll(wait, async () =>
    existsSync(at('waiting')) ? { done: true, value: true } : { done: false, seen: 'no backup' },
  );
  if (!seen.ok) throw new Error(`the run never came to its backup: ${(await run).stdout}`);
  return { run, go: () => writeFileSync(at('go'), '') };
}
