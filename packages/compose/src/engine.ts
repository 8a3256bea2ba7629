import {
  type CommandResult,
  type Exec,
  expectSuccess,
  formatImage,
  type ImageReference,
  type OutsideText,
  readImage,
} from '@slipway/kernel';
import { reportedImage } from '@slipway/platform';
import * as z from 'zod';
import { type ComposeCommands, labels, serviceFilters } from './argv.ts';
import { type Container, parseContainers } from './container.ts';

const modelSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      container_name: z.string().optional(),
      network_mode: z.string().optional(),
      scale: z.coerce.number().optional(),
      deploy: z.object({ replicas: z.coerce.number().optional() }).nullish(),
      ports: z.array(z.object({ published: z.coerce.string().optional() })).nullish(),
      networks: z.record(z.string(), z.object({ ipv4_address: z.string().optional() }).nullish()).nullish(),
    }),
  ),
});

/** The Compose project after merging and interpolation, as far as a rollout needs it. */
export type ComposeModel = z.infer<typeof modelSchema>;

/** How long the engine may take to answer what needs no work. */
const answerTimeoutMs = 30_000;

/** The states of a container, but that of one that is being removed. */
const lastingStates = ['created', 'restarting', 'running', 'paused', 'exited', 'dead'];

/** The Docker Engine, by its command line. */
export class Engine {
  readonly #exec: Exec;
  readonly #commands: ComposeCommands;
  readonly project: string;

  constructor(exec: Exec, commands: ComposeCommands, project: string) {
    this.#exec = exec;
    this.#commands = commands;
    this.project = project;
  }

  /** Runs a docker command that must succeed and returns its stdout. */
  async docker(doing: string, ...args: string[]): Promise<string> {
    return expectSuccess(await this.#exec(this.#commands.docker(...args)), doing).data;
  }

  /**
   * Asks the engine something that it answers at once. How that ended is for the caller to judge; no answer in time is
   * a failure, also when the connection to the engine hangs.
   */
  ask(...args: string[]): Promise<CommandResult> {
    return this.#exec({ ...this.#commands.docker(...args), timeoutMs: answerTimeoutMs });
  }

  /** Runs a docker command that may fail. */
  run(...args: string[]): Promise<CommandResult> {
    return this.#exec(this.#commands.docker(...args));
  }

  async succeeds(...args: string[]): Promise<boolean> {
    return (await this.run(...args)).ok;
  }

  /** The Compose files, or one in their place, with a further one merged over them. */
  async model(override: string | null, instead: string | null = null): Promise<ComposeModel> {
    const commands = instead === null ? this.#commands : this.#commands.reading(instead);
    const command = commands.compose(override, 'config', '--format', 'json');
    const model = expectSuccess(await this.#exec(command), 'read the Compose files');
    return modelSchema.parse(JSON.parse(model.data));
  }

  /** Containers of a service in any state; one that is being removed is gone. */
  async containers(service: string): Promise<Container[]> {
    const filters = serviceFilters(this.project, service);
    const listed = await this.docker(
      `list the containers of ${service}`,
      'ps',
      '--all',
      '--quiet',
      '--no-trunc',
      ...filters,
    );
    const ids = listed.split('\n').filter((id) => id !== '');
    if (ids.length === 0) return [];
    // A container may go between the two calls; inspect then exits 1 but still prints the others.
    const inspected = await this.run('inspect', '--type', 'container', ...ids);
    const found = parseContainers(inspected.stdout, labels.release);
    return found.filter(({ status }) => status !== 'removing');
  }

  /** The image by every repository digest under which it is known. */
  async repositoryDigests(imageId: string): Promise<ImageReference[]> {
    const format = '{{json .RepoDigests}}';
    const json = await this.docker('read an image', 'image', 'inspect', '--format', format, imageId);
    const known = z.array(z.string()).nullable().parse(JSON.parse(json)) ?? [];
    return known.flatMap((reference) => readImage(reference) ?? []);
  }

  /** The image that a container runs: by its repository digest, or as it was named when the engine knows none. */
  async imageOf({ imageId, image }: Container): Promise<ImageReference> {
    const known = await this.repositoryDigests(imageId).catch(() => []);
    return known.find((one) => formatImage(one) === image) ?? known[0] ?? reportedImage(image, null);
  }

  /** The last lines that a container printed; repeated ones once. */
  async lastLines(container: Container, count = 12): Promise<OutsideText[]> {
    const done = await this.run('logs', '--tail', String(count), container.id);
    return done.stdout.concat(done.stderr).tail(count);
  }

  /** Removes containers, running or not. The engine refuses one that it is restarting at this moment: a second try succeeds. */
  async remove(containers: readonly Container[]): Promise<void> {
    const ids = containers.map(({ id }) => id);
    if (ids.length === 0 || (await this.succeeds('rm', '--force', ...ids))) return;
    const left = await this.#remaining(ids);
    if (left.length > 0) await this.docker('remove containers', 'rm', '--force', ...left);
  }

  /**
   * Stops containers, all at once and each within the grace period it was created with, and removes them. One that
   * somebody else removes at the same time is gone. None is still stopping when it throws.
   */
  async stopAndRemove(containers: readonly Container[]): Promise<void> {
    const stopped = await Promise.allSettled(containers.map((container) => this.#stop(container)));
    for (const one of stopped) if (one.status === 'rejected') throw one.reason;
    await this.remove(containers);
  }

  async #stop({ id, name }: Container): Promise<void> {
    const done = await this.run('stop', id);
    if (done.ok || (await this.#remaining([id])).length === 0) return;
    expectSuccess(done, `stop ${name}`);
  }

  /** Those of the containers that are there, and that nobody is removing. */
  async #remaining(ids: readonly string[]): Promise<string[]> {
    const filters = [
      ...ids.map((id) => `id=${id}`),
      ...lastingStates.map((state) => `status=${state}`),
    ].flatMap((filter) => ['--filter', filter]);
    const listed = await this.docker('list containers', 'ps', '--all', '--quiet', '--no-trunc', ...filters);
    return listed.split('\n').filter((id) => id !== '');
  }
}

/** Replicas that the Compose files ask for. */
export function replicasOf(model: ComposeModel, service: string): number {
  const found = model.services[service];
  return found?.deploy?.replicas ?? found?.scale ?? 1;
}
