import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createExec, directHttp, Redactor, systemClock } from '@slipway/kernel';
import { findPostgresProgram } from '@slipway/runner/programs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, '#!/bin/sh\necho "pg_restore (PostgreSQL) 77.4"\n');
  chmodSync(file, 0o755);
  return file;
}
const find = () => {
  const { signal } = new AbortController();
  const exec = createExec({ env: { PATH: folder }, signal, redactor: new Redactor() });
  const step = { exec, temp: folder, http: directHttp, clock: systemClock, signal };
  return findPostgresProgram('pg_restore', 77, { ...step, programs: {} });
};

test('a program of PATH is taken when it is the version', async () => {
  program('pg_restore');
  await expect(find()).resolves.toEqual({ command: ['pg_restore'], version: '77.4.0' });
});

test("Debian's wrapper is not, whatever version it says that it is", async () => {
  symlinkSync(program('pg_wrapper'), path.join(folder, 'pg_restore'));
  await expect(find()).rejects.toMatchObject({
    message: "pg_restore 77 was not found, which the server's version 77 needs",
    hint: 'Install the package postgresql-client-77 on the runner.',
  });
});
