import type { Node } from 'libpg-query';
import { strings } from './names.ts';

/** Whether REINDEX was given CONCURRENTLY, in either of its two spellings. */
export function isConcurrent(params: readonly Node[] | undefined): boolean {
  return optionOf(params, 'concurrently') !== undefined && !isOff(params, 'concurrently');
}

/** `name` of an option list, as in `VACUUM (name)`. */
export function optionOf(options: readonly Node[] | undefined, name: string): Node | undefined {
  return options?.find((node) => 'DefElem' in node && node.DefElem.defname === name);
}

/** Whether an option is there and says no. */
export function isOff(options: readonly Node[] | undefined, name: string): boolean {
  const option = optionOf(options, name);
  const arg = option && 'DefElem' in option ? option.DefElem.arg : undefined;
  if (!arg) return false;
  if ('Integer' in arg) return !arg.Integer.ival;
  if ('Boolean' in arg) return !arg.Boolean.boolval;
  return /^(?:false|off|no|0)$/i.test(strings([arg])[0] ?? '');
}
