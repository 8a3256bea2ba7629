import * as z from 'zod';

const list = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) });

/**
 * The objects that kubectl printed with `--output=json`: one, a List, or (of `create`) one behind the other. Nothing
 * printed is nothing found.
 */
export function printedObjects(text: string): unknown[] {
  return text
    .split(/(?<=^\})\s*(?=^\{)/m)
    .filter((one) => one.trim() !== '')
    .flatMap((one) => {
      const value: unknown = JSON.parse(one);
      const listed = list.safeParse(value);
      return listed.success ? listed.data.items : [value];
    });
}
