import { readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { ChecklistItem } from '@slipway/release';
import { type Finding, failed, passed, skipped } from './checklist.ts';

/** Whether the document that explains the rollback exists and is not empty. */
export function judgeRollbackPlan(file: string | undefined, workspace: string): Finding {
  if (file === undefined) return skipped('preflight.rollback-plan names no document');
  const remedy = `Describe in ${file} how to roll back this application, and commit it.`;
  const full = path.join(workspace, file);
  if (!statSync(full, { throwIfNoEntry: false })?.isFile())
    return failed(`the rollback plan ${file} does not exist`, remedy);
  const words = readFileSync(full, 'utf8')
    .split(/\s+/)
    .filter((word) => word !== '').length;
  if (words === 0) return failed(`the rollback plan ${file} is empty`, remedy);
  return passed(`${file} exists (${words === 1 ? '1 word' : `${words} words`})`);
}

/** What cannot be checked automatically. Approving the release confirms it. */
export function manualItems(items: readonly string[]): ChecklistItem[] {
  return items.map((title, at) => ({
    id: `manual.${at + 1}`,
    title,
    state: 'manual',
    evidence: 'confirmed by approving the release',
  }));
}
