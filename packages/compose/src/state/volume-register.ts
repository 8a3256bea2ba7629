import { randomUUID } from 'node:crypto';
import { type CommandResult, describeError, expectSuccess, Fault, UserError } from '@slipway/kernel';
import { packText, type Register, type RegisterValue, unpackText } from '@slipway/platform';
import { labels } from '../argv.ts';
import type { Engine } from '../engine.ts';
import { judge, none, parseEntries, prunable, successor, versionOf } from './volume-log.ts';

/** Characters of one label: all of them arrive as arguments of the docker command, which may have 131,071 each. */
const partLength = 100_000;
const maxParts = 10;

/**
 * Volumes with mount options are spared by `docker volume prune --all` and `docker system prune --volumes` of every
 * engine, which delete other volumes that no container uses. Nothing is ever mounted.
 */
const spared = ['--driver', 'local', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs'];

const columns = `{{.Name}} {{.Label "${labels.nonce}"}} {{.Label "${labels.replaced}"}}`;
const textColumn = Array.from({ length: maxParts }, (_, part) => `{{.Label "${labels.text}.${part}"}}`).join(
  '',
);

export interface RegisterOptions {
  /** Names the register in errors. */
  what: string;
  /** Of its volumes, before the number; no other register has it. */
  name: string;
  /** Further labels of its volumes. */
  labelled?: Readonly<Record<string, string>>;
  /** Values that are retained, the newest included. */
  history?: number;
}

/**
 * A register in the labels of empty volumes, one for each value. The engine creates a name once: whoever asks for it
 * later succeeds too, but the labels are those of the first. So the volume with the next number is created by
 * one writer alone, whose nonce it has.
 */
export class VolumeRegister implements Register {
  readonly #engine: Engine;
  readonly #options: RegisterOptions;

  constructor(engine: Engine, options: RegisterOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** @throws UserError when somebody has damaged the newest value; Fault when the engine does not answer. */
  async read(): Promise<RegisterValue | null> {
    const { what } = this.#options;
    const listed = await this.#list(`${columns} ${textColumn}`);
    const newest = parseEntries(listed).at(-1);
    if (!newest) return null;
    const line = listed.split('\n').find((one) => one.startsWith(`${newest.name} `)) ?? '';
    const packed = line.trim().split(' ')[3] ?? '';
    const hint = `Delete that volume ("docker volume rm ${newest.name}"): then the value before it counts.`;
    try {
      return { text: unpackText(`${what} in the volume ${newest.name}`, packed), version: versionOf(newest) };
    } catch (error) {
      // Nothing that the engine could answer better when it is asked again.
      throw new UserError(describeError(error), { hint });
    }
  }

  async replace(text: string, expected: string | null, summary = ''): Promise<'replaced' | 'conflict'> {
    const { what, history } = this.#options;
    const next = successor(expected);
    if (!next) return 'conflict';
    const packed = packText(what, text);
    const newest = parseEntries(await this.#list(columns)).at(-1);
    if ((newest?.nonce ?? none) !== next.replaced) return 'conflict';
    const mine = { ...next, nonce: randomUUID() };
    const created = await this.#create(mine, packed, summary);
    // The answer may be lost, and is the same for everyone who creates this name: what counts is whose volume it is.
    const entries = parseEntries(await this.#list(columns));
    const verdict = judge(entries, mine);
    if (verdict === 'unknown') throw this.#unknown(created);
    if (verdict === 'replaced') await this.#remove(prunable(entries, history));
    if (verdict === 'stale') await this.#remove(entries.filter(({ nonce }) => nonce === mine.nonce));
    return verdict === 'replaced' ? 'replaced' : 'conflict';
  }

  #create(
    mine: { number: number; nonce: string; replaced: string },
    packed: string,
    summary: string,
  ): Promise<CommandResult> {
    const { name, labelled } = this.#options;
    const parts = packed.match(new RegExp(`.{1,${partLength}}`, 'g')) ?? [];
    const all = {
      ...labelled,
      [labels.register]: name,
      [labels.nonce]: mine.nonce,
      [labels.replaced]: mine.replaced,
      [labels.summary]: summary.replace(/\s+/g, ' ').slice(0, 200),
      ...Object.fromEntries(parts.map((part, at) => [`${labels.text}.${at}`, part])),
    };
    const flags = Object.entries(all).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    return this.#engine.ask('volume', 'create', ...spared, ...flags, `${name}-${mine.number}`);
  }

  async #list(format: string): Promise<string> {
    const { what, name } = this.#options;
    const filter = `label=${labels.register}=${name}`;
    const listed = await this.#engine.ask('volume', 'ls', '--filter', filter, '--format', format);
    return expectSuccess(listed, `read ${what} on the engine`).data;
  }

  /** What cannot be removed now is removed after a later write. */
  async #remove(entries: readonly { name: string }[]): Promise<void> {
    const names = entries.map(({ name }) => name);
    if (names.length > 0) await this.#engine.ask('volume', 'rm', '--force', ...names);
  }

  #unknown(created: CommandResult): Fault {
    const doing = `write ${this.#options.what} on the engine`;
    if (!created.ok) expectSuccess(created, doing);
    return new Fault(`cannot ${doing}: the volume was removed again`);
  }
}
