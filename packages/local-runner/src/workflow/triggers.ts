import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { fields, items, refuseUnknown } from './document.ts';
import type { Template, Workflow } from './model.ts';

/** Checks that an event starts the workflow at all. @throws UserError when GitHub would not have run it. */
export function checkTrigger(workflow: Workflow, event: string, ref: string): void {
  const token = workflow.events.get(event);
  if (!token) {
    throw new UserError(
      `${workflow.file} does not run on ${event}, only on ${[...workflow.events.keys()].join(', ')}`,
    );
  }
  if (event !== 'push') return;
  const part = { file: workflow.file, token };
  refuseUnknown(part, ['branches', 'tags'], 'push trigger');
  const patterns = (key: string): string[] | undefined => {
    const list: Template | undefined = fields(part).get(key);
    return (
      list &&
      (items({ ...part, token: list }).length > 0 ? items({ ...part, token: list }) : [list]).map(String)
    );
  };
  const [branches, tags] = [patterns('branches'), patterns('tags')];
  if (!branches && !tags) return;
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (matchesAny((kind === 'tags' ? tags : branches) ?? [], name)) return;
  throw new UserError(
    `${formatLocation(workflow.file, token.line)}: a push of ${ref} does not start this workflow`,
  );
}

/** The filters of GitHub: in order, the last that fits decides, `!` takes away. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  let fits = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    if (toRegExp(negative ? pattern.slice(1) : pattern).test(name)) fits = !negative;
  }
  return fits;
}

/** `*` stops at a slash, `**` does not; `?` and `+` repeat what is before them; `[…]` is a set. */
function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\\.|\*\*|\*|\[[^\]]*\]|[?+]|[.^$(){}|/\\]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return /^(?:\[|[?+]$|\\.)/.test(part) ? part : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
