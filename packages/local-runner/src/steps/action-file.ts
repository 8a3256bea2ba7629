import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ScalarToken } from '@actions/workflow-parser/templates/tokens/index';
import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { actionParser, workflowParser } from '../official/packages.ts';

/** A JavaScript action as its action.yml describes it. */
export interface NodeAction {
  file: string;
  /** Absolute paths. */
  main: string;
  post: string | undefined;
  postIf: string;
  /** Defaults by name of input; none when the input has no default. */
  inputs: Map<string, ScalarToken | undefined>;
}

/** Reads the action in a folder. @throws UserError for what is not a JavaScript action for Node 24, or not implemented. */
export async function readAction(folder: string): Promise<NodeAction> {
  const file = ['action.yml', 'action.yaml'].map((name) => path.join(folder, name)).find(existsSync);
  if (!file) throw new UserError(`Can't find 'action.yml' or 'action.yaml' under '${folder}'`);
  const { parseAction, convertActionTemplate } = await actionParser();
  const { NoOperationTraceWriter } = await workflowParser();
  const content = await readFile(file, 'utf8');
  const { context, value } = parseAction({ name: file, content }, new NoOperationTraceWriter());
  const template =
    value && context.errors.getErrors().length === 0 ? convertActionTemplate(context, value) : undefined;
  const errors = context.errors.getErrors();
  if (!template || errors.length > 0) {
    const said = errors.map(
      (error) => `${formatLocation(file, error.range?.start.line)}: ${error.rawMessage}`,
    );
    throw new UserError(said.join('\n') || `${file}: the file is empty`);
  }
  const { runs, inputs = [] } = template;
  if (runs.using !== 'node24') {
    throw new UserError(`${file}: runs.using "${runs.using}" is not implemented by the local runner`);
  }
  if (runs.pre) throw new UserError(`${file}: runs.pre is not implemented by the local runner`);
  return {
    file,
    main: path.resolve(folder, runs.main),
    post: runs.post && path.resolve(folder, runs.post),
    postIf: runs.postIf ?? 'always()',
    inputs: new Map(inputs.map((input) => [input.id, input.default] as const)),
  };
}
