import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cached } from '../../../packages/test-services/src/cache.ts';

const name = `test-${process.pid}-cached`;
const clear = async (location: string): Promise<void> => {
  await rm(location, { recursive: true });
  await rm(`${location}.lock`);
};

test('what is cached is made by one of two that want it at once', async () => {
  let made = 0;
  const make = async (unfinished: string): Promise<string> => {
    made += 1;
    await writeFile(join(unfinished, 'program'), '');
    return unfinished;
  };
  const [one, two] = await Promise.all([cached(name, make), cached(name, make)]);
  expect([made, two, await readdir(one)]).toEqual([1, one, ['program']]);
  await clear(one);
});

test('what is cached is not there after a failure, and what a killed process left goes', async () => {
  let left = '';
  const fails = cached(name, async (unfinished, location) => {
    left = `${unfinished}-left`;
    await mkdir(left);
    throw new Error(`no ${location}`);
  });
  await expect(fails).rejects.toThrow(/no .*-cached/);
  const location = await cached(name, async (unfinished) => unfinished);
  expect([existsSync(left), existsSync(location)]).toEqual([false, true]);
  await clear(location);
});
