import { documentKey, packText, unpackText } from '@slipway/platform';
import * as z from 'zod';
import { type Kubectl, serverSideApply } from '../cluster/kubectl.ts';
import { marks } from '../marks.ts';

/** The key that holds a packed text in a ConfigMap. */
export const packedKey = 'text.gz';

const listSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
    }),
  ),
});

/** The text in a ConfigMap. @throws ZodError or Fault when it holds none. */
export function packedText(what: string, object: unknown): string {
  const { binaryData } = z.object({ binaryData: z.object({ [packedKey]: z.string() }) }).parse(object);
  return unpackText(what, binaryData[packedKey]);
}

/** Documents of releases, a ConfigMap each, under the name of the store. */
export class Documents {
  readonly #kubectl: Kubectl;
  readonly #store: string;

  constructor(kubectl: Kubectl, store: string) {
    this.#kubectl = kubectl;
    this.#store = store;
  }

  /** May run twice. @throws UserError when the text is too large. */
  async save(release: string, title: string, text: string): Promise<void> {
    const what = this.#what(release, title);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: this.#name(release, title),
        labels: { [marks.storedDocument]: this.#store },
        annotations: { [marks.release]: release, [marks.summary]: title },
      },
      binaryData: { [packedKey]: packText(what, text) },
    };
    const args = [...serverSideApply, '--force-conflicts'];
    await this.#kubectl.execOrThrow(`save ${what}`, args, JSON.stringify(object));
  }

  async read(release: string, title: string): Promise<string | null> {
    const what = this.#what(release, title);
    const name = this.#name(release, title);
    const found = await this.#kubectl.get(`read ${what}`, 'configmap', name, '--ignore-not-found');
    return found === null ? null : packedText(what, found);
  }

  async prune(keep: ReadonlySet<string>): Promise<void> {
    const selector = `--selector=${marks.storedDocument}=${this.#store}`;
    const { items } = listSchema.parse(
      await this.#kubectl.get('list the documents of the releases', 'configmaps', selector),
    );
    const old = items
      .filter(({ metadata }) => !keep.has(metadata.annotations[marks.release] ?? ''))
      .map(({ metadata }) => metadata.name);
    if (old.length === 0) return;
    const args = ['delete', 'configmap', '--ignore-not-found', ...old];
    await this.#kubectl.execOrThrow('delete old documents', args);
  }

  #name(release: string, title: string): string {
    return `${this.#store}-document-${documentKey(release, title)}`;
  }

  #what(release: string, title: string): string {
    return `the document ${title} of release ${release}`;
  }
}
