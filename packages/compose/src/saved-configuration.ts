import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import {
  Cancelled,
  describeError,
  type Exec,
  expectSuccess,
  Fault,
  type Log,
  type Redactor,
} from '@slipway/kernel';
import type { RestoreSource, StateStore } from '@slipway/platform';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { ComposeCommands } from './argv.ts';

/** Name of the document that holds the Compose configuration of a release on the target. */
const documentName = 'compose';

/** Compose 2.26 and newer leave `${NAME}` and `env_file` as they are when they are asked not to interpolate. */
const leastCompose = [2, 26];

const savedSchema = z.strictObject({
  format: z.literal(1),
  /** The Compose files as one, with `${NAME}` instead of values. */
  compose: z.string(),
  salt: z.string(),
  /** For each service and environment variable a trace of its value: enough to notice another one, not to find it out. */
  traces: z.record(z.string(), z.record(z.string(), z.string())),
});
type Saved = z.infer<typeof savedSchema>;

const environmentSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      environment: z.record(z.string(), z.unknown()).nullish(),
      volumes: z.array(z.unknown()).nullish(),
    }),
  ),
});
type Environments = z.infer<typeof environmentSchema>;

/** What the history of the configuration works with. */
interface Host {
  commands: ComposeCommands;
  exec: Exec;
  store: StateStore;
  redactor: Redactor;
  log: Log;
  temp: string;
}

/**
 * The Compose configurations of the releases, saved on the target, so that a rollback restores them together with the
 * images. They hold `${NAME}` where the files do, never a value.
 */
export class ConfigurationHistory {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The Compose file of an earlier release, written to a temporary file; null when none is saved or it cannot be used any
   * more, which is logged. Variables that have another value than in that release are named.
   */
  async restore(service: string, release: string | null): Promise<string | null> {
    const instead = 'the Compose files of this checkout are used';
    try {
      const text = release === null ? null : await this.#host.store.readDocument(release, documentName);
      if (text !== null) return await this.#write(service, savedSchema.parse(JSON.parse(text)));
      const whose = release ?? 'what ran before Slipway';
      this.#host.log.warn(`${service}: no Compose configuration is saved for ${whose}; ${instead}`);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      this.#host.log.warn(
        `${service}: cannot use the Compose configuration of ${release}: ${describeError(error)}; ${instead}`,
      );
    }
    return null;
  }

  /** Which Compose configuration a restore of this release would use. */
  async describe(release: string | null): Promise<Pick<RestoreSource, 'configuration' | 'isSaved'>> {
    const missing = (why: string) => ({
      configuration: `${why}: the Compose files of the checkout would be used`,
      isSaved: false,
    });
    if (release === null) return missing('Slipway did not make it');
    try {
      const text = await this.#host.store.readDocument(release, documentName);
      if (text === null) return missing('no Compose configuration is saved');
      savedSchema.parse(JSON.parse(text));
      return { configuration: 'its Compose configuration is saved', isSaved: true };
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      return missing('its Compose configuration cannot be read');
    }
  }

  /** Saves the files of the checkout. When that fails it is logged, and the rollout continues. */
  async save(release: string): Promise<void> {
    try {
      const compose = await renderFiles(this.#host);
      const salt = randomBytes(16).toString('hex');
      const traces = tracesOf(await readEnvironments(this.#host, null), salt);
      const saved: Saved = { format: 1, compose, salt, traces };
      await this.#host.store.saveDocument(release, documentName, JSON.stringify(saved));
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      this.#host.log.warn(
        `the Compose configuration of ${release} was not saved: ${describeError(error)}; a rollback to it will use the Compose files of its own checkout`,
      );
    }
  }

  async #write(service: string, saved: Saved): Promise<string> {
    const file = path.join(await mkdtemp(path.join(this.#host.temp, 'saved-')), 'compose.yml');
    await writeFile(file, saved.compose);
    const now = tracesOf(await readEnvironments(this.#host, file), saved.salt);
    const changed = changedVariables(saved.traces[service] ?? {}, now[service] ?? {});
    if (changed.length > 0)
      this.#host.log.warn(`${service}: variables with another value than before: ${changed.join(', ')}`);
    return file;
  }
}

/** The Compose files as one, with paths relative to the project as they are written. */
async function renderFiles(target: Host): Promise<string> {
  const { exec, commands, redactor } = target;
  const version = expectSuccess(await exec(commands.compose(null, 'version', '--short')), 'ask Compose');
  const [major = 0, minor = 0] = version.data.replace(/^v/, '').split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastCompose;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor))
    throw new Fault(`Compose ${version.excerpt(20)} is older than ${leastCompose.join('.')}`);
  const flags = ['--no-interpolate', '--no-path-resolution'];
  const rendered = await exec(commands.compose(null, 'config', ...flags));
  const model = z.looseObject({ services: z.record(z.string(), z.looseObject({})) });
  const files = model.parse(parse(expectSuccess(rendered, 'render the Compose files').data));
  // Without its value, Compose takes a path in a variable for the name of a volume.
  const { services } = await readEnvironments(target, null);
  for (const [name, service] of Object.entries(files.services)) {
    const volumes = services[name]?.volumes;
    if (volumes) service.volumes = volumes;
  }
  const text = stringify(files);
  if (redactor.redact(text) !== text) throw new Fault('the Compose files contain the value of a secret');
  return text;
}

async function readEnvironments({ exec, commands }: Host, saved: string | null): Promise<Environments> {
  const { compose } = saved === null ? commands : commands.reading(saved);
  const command = compose(null, 'config', '--no-path-resolution', '--format', 'json');
  const rendered = expectSuccess(await exec(command), 'read the Compose files');
  return environmentSchema.parse(JSON.parse(rendered.data));
}

function tracesOf({ services }: Environments, salt: string): Saved['traces'] {
  const each = Object.entries(services).map(([service, { environment }]) => {
    const traces = Object.entries(environment ?? {}).map(([name, value]) => [name, traceOf(value, salt)]);
    return [service, Object.fromEntries(traces)] as const;
  });
  return Object.fromEntries(each);
}

/** 16 bits: another value is noticed with 65,535 chances of 65,536, and nobody can find out a value by trying. */
function traceOf(value: unknown, salt: string): string {
  return createHmac('sha256', salt).update(String(value)).digest('hex').slice(0, 4);
}

function changedVariables(before: Record<string, string>, now: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => before[name] !== now[name])
    .sort();
}
