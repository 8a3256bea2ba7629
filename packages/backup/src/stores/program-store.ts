import * as path from 'node:path';
import {
  type CommandResult,
  describeExit,
  type Exec,
  Fault,
  lastLines,
  ProgramFailure,
  type Redactor,
  readFrom,
  UserError,
  writeTo,
} from '@slipway/kernel';
import type { BackupStore } from '../store.ts';

type Argv = [program: string, ...args: string[]];

/** Command lines that store and fetch objects; each is a plain value. */
export interface StoreCommands {
  address: string;
  /** Reads the object from stdin. */
  put(name: string): Argv;
  /** Writes the object to stdout. Null where objects cannot be read. */
  get: ((name: string) => Argv) | null;
  /** Null where objects cannot be listed; then nothing is ever deleted. */
  list: {
    argv: Argv;
    names(stdout: string): string[];
    /** Its message when the store is empty. */
    empty: RegExp;
  } | null;
  delete: ((name: string) => Argv) | null;
  /** What to check when one of them fails. */
  hint: string;
  /** Added to the environment of each. */
  env?: Record<string, string>;
}

/** A store that is reached through a cloud's programs or the user's own. Exit codes decide. */
export function programStore(
  commands: StoreCommands,
  step: { env: Readonly<Record<string, string>>; exec: Exec; signal: AbortSignal; redactor: Redactor },
): BackupStore {
  const { address, hint } = commands;
  const { signal, redactor } = step;
  const env = { ...step.env, ...commands.env };
  const run = (argv: Argv) => step.exec({ argv, env: commands.env ?? {} });
  const list = async (failure: (why: string) => Error): Promise<string[] | null> => {
    if (commands.list === null) return null;
    const { argv, empty } = commands.list;
    const done = await run(argv);
    if (done.ok) return commands.list.names(done.stdout.data);
    if (empty.test(lastLines(done).join('\n'))) return [];
    throw failure(ending(argv, done));
  };
  const names = () => list((why) => new Fault(`cannot list the backups at ${address}: ${why}`, { hint }));
  return {
    address,
    locate: (name) => `${address.replace(/\/$/, '')}/${name}`,
    async prepare() {
      await list((why) => new UserError(`cannot use the backup store ${address}: ${why}`, { hint }));
    },
    async put(name, content) {
      const argv = commands.put(name);
      await writeTo({ argv, env, signal, redactor }, content).catch(
        failed(argv, `store the backup at ${address}`, hint),
      );
    },
    async *get(name) {
      if (commands.get === null)
        throw new Fault(`cannot read a backup at ${address}: no read-command is configured`, { hint });
      const argv = commands.get(name);
      try {
        yield* readFrom({ argv, env, signal, redactor });
      } catch (error) {
        failed(argv, `read the backup at ${address}`, hint)(error);
      }
    },
    list: names,
    deletes: commands.delete !== null,
    async delete(name) {
      if (commands.delete === null) return;
      const argv = commands.delete(name);
      const done = await run(argv);
      if (done.ok || !(await names())?.includes(name)) return;
      throw new Fault(`cannot delete ${name} at ${address}: ${ending(argv, done)}`, { hint });
    },
  };
}

/** How a program failed. Cloud programs write other lines before the reason, and advice after it. */
function ending([program]: Argv, done: CommandResult): string {
  const how = `${path.basename(program)} ${describeExit(done)}`;
  const error = [...done.stderr.data.matchAll(/^ERROR: (?:\([\w.]+\) )?(.+)$/gm)].at(-1)?.[1];
  const said = error === undefined ? lastLines(done).join('\n') : done.stderr.part(error);
  return `${how}: ${said || '(no output)'}`;
}

/** Explains the program's own failure. Whatever the content threw stays as it is. */
function failed(argv: Argv, doing: string, hint: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof ProgramFailure && error.argv === argv)
      throw new Fault(`cannot ${doing}: ${error.message}`, { cause: error, hint });
    throw error;
  };
}
