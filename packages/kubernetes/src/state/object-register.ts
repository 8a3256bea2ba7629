import { randomUUID } from 'node:crypto';
import { Fault } from '@slipway/kernel';
import type { Register, RegisterValue } from '@slipway/platform';
import * as z from 'zod';
import { ClusterUnreachable, clusterError } from '../cluster/cluster-error.ts';
import { marks } from '../marks.ts';
import type { KubernetesTarget } from '../target.ts';
import { reach } from './reach.ts';

/** How one object holds the value of a register. */
export interface ObjectShape {
  /** Names the register in errors. */
  what: string;
  apiVersion: string;
  kind: string;
  /** The kind as kubectl names it, with its group. */
  resource: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  write(text: string, summary: string): { annotations: Record<string, string>; fields: object };
  /** @throws when the object does not hold a value. */
  read(object: unknown): string;
}

const metadataSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

interface Found {
  object: unknown;
  /** The resource version and the nonce of its writer. */
  version: string;
  nonce: string;
  /** The nonce of the value that this one replaced. */
  replaced: string;
}

/**
 * A register in one object. The API server refuses to create an object twice, and to replace one whose resource version
 * is not the one that was read.
 */
export class ObjectRegister implements Register {
  readonly #target: KubernetesTarget;
  readonly #shape: ObjectShape;

  constructor(target: KubernetesTarget, shape: ObjectShape) {
    this.#target = target;
    this.#shape = shape;
  }

  async read(): Promise<RegisterValue | null> {
    const { what, kind, name } = this.#shape;
    const found = await reach(this.#target, () => this.#find());
    if (!found) return null;
    try {
      return { text: this.#shape.read(found.object), version: found.version };
    } catch (cause) {
      throw new Fault(`cannot read ${what}: the content of ${kind} ${name} is damaged`, { cause });
    }
  }

  replace(text: string, expected: string | null, summary = ''): Promise<'replaced' | 'conflict'> {
    const nonce = randomUUID();
    const object = this.#object(text, summary.replace(/\s+/g, ' ').slice(0, 200), nonce, expected);
    let answerWasLost = false;
    return reach(this.#target, async () => {
      const error = await this.#write(object, expected === null ? 'create' : 'replace');
      if (!error) return 'replaced';
      answerWasLost ||= error instanceof ClusterUnreachable;
      const found = await this.#find();
      if ((found?.version ?? null) === expected) throw error;
      if (found?.nonce === nonce || found?.replaced === nonce) return 'replaced';
      if (!answerWasLost) return 'conflict';
      const what = `cannot write ${this.#shape.what}: an answer was lost, and others have replaced it since`;
      throw new Fault(what, { hint: 'Re-run this job.' });
    });
  }

  #object(text: string, summary: string, nonce: string, expected: string | null): string {
    const { apiVersion, kind, name, labels, write } = this.#shape;
    const { annotations, fields } = write(text, summary);
    const [resourceVersion, replaced = ''] = expected?.split('.') ?? [];
    const marked = { ...annotations, [marks.nonce]: nonce, [marks.replaced]: replaced };
    const metadata = { name, labels, annotations: marked, ...(expected === null ? {} : { resourceVersion }) };
    return JSON.stringify({ apiVersion, kind, metadata, ...fields });
  }

  /** @returns why the server refused it, or did not answer; null when it was written. */
  async #write(object: string, verb: 'create' | 'replace'): Promise<ReturnType<typeof clusterError> | null> {
    const args = [verb, '--validate=false', '--field-manager=slipway', '--output=name', '--filename=-'];
    const result = await this.#target.kubectl.run(args, object);
    return result.ok ? null : clusterError(`write ${this.#shape.what}`, result);
  }

  async #find(): Promise<Found | null> {
    const { what, resource, name } = this.#shape;
    const object = await this.#target.kubectl.get(`read ${what}`, resource, name, '--ignore-not-found');
    if (object === null) return null;
    const { resourceVersion, annotations } = metadataSchema.parse(object).metadata;
    const { [marks.nonce]: nonce = '', [marks.replaced]: replaced = '' } = annotations;
    return { object, version: `${resourceVersion}.${nonce}`, nonce, replaced };
  }
}
