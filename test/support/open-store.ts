import { tmpdir } from 'node:os';
import type { TargetConfig } from '@slipway/config';
import { createExec, directHttp, type Exec, Redactor, systemClock } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';

/** What a store is opened with, as it is passed to other processes. */
export interface StoreLocation {
  target: TargetConfig;
  /** Added to the environment of its commands. */
  env: Record<string, string>;
  app?: string;
  environment?: string;
}

/** The store of a target. @param wrap Puts something around the executor of its commands. */
export async function openStore(
  { target, env, app = 'shop', environment = 'production' }: StoreLocation,
  wrap: (exec: Exec) => Exec = (exec) => exec,
): Promise<StateStore> {
  const signal = new AbortController().signal;
  const redactor = new Redactor();
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const exec = wrap(createExec({ env: { ...Object.fromEntries(own), ...env }, signal, redactor }));
  const log = {
    info() {},
    warn() {},
    debug() {},
    annotate() {},
    group: <T>(_: string, body: () => T) => body(),
  };
  const options = {
    environment,
    workspace: tmpdir(),
    temp: tmpdir(),
    exec,
    clock: systemClock,
    signal,
    log,
    redactor,
  };
  const find = programFinder({ ...options, http: directHttp, config: { programs: {} } });
  return (await openPlatform(target, { config: { app, services: {} }, ...options }, find)).store;
}

/**
 * An executor whose first command with one of these words fails as if it had not been answered in time.
 * @param when `sent`: the target did what it was asked; `unsent`: it never heard of it.
 */
export function loseFirstAnswer(exec: Exec, words: readonly string[], when: 'sent' | 'unsent'): Exec {
  let lost = false;
  return async (command, options) => {
    if (lost || !command.argv.some((word) => words.includes(word))) return exec(command, options);
    lost = true;
    const { stdout, stderr, ms } = await exec(when === 'sent' ? command : { argv: ['true'] }, options);
    return { ok: false, state: 'timedOut', stdout, stderr, ms };
  };
}
