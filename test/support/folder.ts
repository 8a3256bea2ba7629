import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';

/** @param take Called before each test with an empty folder, which goes with all that is in it when the test has ended. */
export function folderEach(take: (folder: string) => void): void {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-test-'));
    take(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}
