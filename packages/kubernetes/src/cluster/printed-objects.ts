import * as z from 'zod';
import { type KubernetesObject, kubernetesObjectSchema } from '../manifests/index.ts';

const listSchema = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) });

/**
 * The values that kubectl printed with `--output=json`: one, the items of a List, or (from `create`) one after the
 * other. No output means that nothing was found.
 */
export function parsePrintedValues(text: string): unknown[] {
  return text
    .split(/(?<=^\})\s*(?=^\{)/m)
    .filter((one) => one.trim() !== '')
    .flatMap((one) => {
      const value: unknown = JSON.parse(one);
      const list = listSchema.safeParse(value);
      return list.success ? list.data.items : [value];
    });
}

/** The same where all of them are objects with a name. */
export function parsePrintedObjects(text: string): KubernetesObject[] {
  return parsePrintedValues(text).map((one) => kubernetesObjectSchema.parse(one));
}
