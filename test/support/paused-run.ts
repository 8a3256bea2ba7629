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
export async function pauseBeforeFiles(fixture: MigrationFixture, given: Given = {}): Promise<PausedRun> {
  const at = (file: string): string => path.join(fixture.workspace, file);
  fixture.write('snapshot.sh', 'touch waiting\nwhile [ ! -e go ]; do sleep 0.1; done\n');
  fixture.replaceConfig(
    'backup: {to',
    `backup: {mode: snapshot-command, snapshot-command: [sh, -c, "cd ${fixture.workspace} && . ./snapshot.sh"], to`,
  );
  const run = fixture.migrate(given);
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
