import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import type { RunOptions } from '../options.ts';
import { findRepository } from '../workflow/load.ts';
import type { Workflow } from '../workflow/model.ts';
import { parseReference } from '../workflow/reference.ts';
import { isStandIn } from './stand-ins.ts';

/** Where the work of a `uses` step comes from. */
export type FoundAction =
  | { kind: 'stand-in'; name: string }
  /** A folder of this machine. */
  | { kind: 'folder'; folder: string; repository: string; ref: string }
  /** In the workspace: it exists when a step has checked it out. */
  | { kind: 'workspace'; path: string };

/** Finds an action without running anything. @throws UserError for what is not known here. */
export async function findAction(
  uses: string,
  workflow: Workflow,
  options: RunOptions,
  where: string,
): Promise<FoundAction> {
  const reference = parseReference(uses);
  if (!reference) throw new UserError(`${where}: "${uses}" is not implemented by the local runner`);
  if (reference.kind === 'local') return { kind: 'workspace', path: reference.path };
  if (reference.kind === 'remote' && isStandIn(reference.repository) && reference.path === '') {
    if (!/^[0-9a-f]{40}$/.test(reference.ref)) {
      throw new UserError(
        `${where}: "${uses}" is not pinned: name the full commit of ${reference.repository}`,
      );
    }
    return { kind: 'stand-in', name: reference.repository };
  }
  const origin =
    reference.kind === 'own'
      ? workflow.origin
      : findRepository(options, reference.repository, reference.ref, where);
  const root = await origin.folder(path.resolve(options.work, 'sources'));
  return {
    kind: 'folder',
    folder: path.join(root, reference.path),
    repository: origin.repository,
    ref: reference.kind === 'own' ? origin.sha : reference.ref,
  };
}
