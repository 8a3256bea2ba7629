import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { isString } from '@actions/workflow-parser/templates/tokens/type-guards';
import { UserError } from '@slipway/kernel';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { languageService, parsedWorkflows, workflowParser } from '../official/packages.ts';
import { parseReference } from '../workflow/reference.ts';
import { pinnedActions } from './pinned-actions.ts';

export interface Problem {
  /** Relative to `self` when it lies in it. */
  file: string;
  line: number;
  column: number;
  severity: 'error' | 'warning';
  message: string;
}

export interface LintOptions {
  /** Folder of this project: what `OWNER/slipway` stands for. Default: where this runs from. */
  self?: string;
}

type LanguageService = Awaited<ReturnType<typeof languageService>>;
type Config = NonNullable<Parameters<LanguageService['validate']>[1]>;
type Metadata = Awaited<ReturnType<NonNullable<Config['actionsMetadataProvider']>['fetchActionMetadata']>>;

const project = fileURLToPath(new URL('../../../..', import.meta.url));

/**
 * What GitHub's own linter finds in a workflow file: syntax, contexts, inputs of called workflows and of actions, ours
 * read from their action.yml. Third-party actions must be pinned by commit and known here.
 */
export async function lintWorkflow(
  workflow: string,
  { self = project }: LintOptions = {},
): Promise<Problem[]> {
  const file = path.resolve(workflow);
  const content = await readFile(file, 'utf8');
  const { validate } = await languageService();
  const uri = pathToFileURL(file).href;
  // An editor sends the language service its changes; here the file may be another one than at the last call.
  (await parsedWorkflows()).clearCacheEntry(uri);
  const document = TextDocument.create(uri, 'github-actions-workflow', 1, content);
  const config: Config = {
    fileProvider: { getFileContent: (reference) => readReferenced(reference, file, self) },
    actionsMetadataProvider: { fetchActionMetadata: async (action) => describeAction(action) },
  };
  const name = path.relative(self, file).startsWith('..') ? file : path.relative(self, file);
  const found = (await validate(document, config)).map(
    ({ message, range, severity }): Problem => ({
      ...{
        file: name,
        line: range.start.line + 1,
        column: range.start.character + 1,
        message: String(message),
      },
      severity: severity === undefined || severity === 1 ? 'error' : 'warning',
    }),
  );
  return [...found, ...(await findLooseActions(name, content))].sort((a, b) => a.line - b.line);
}

type FileReference = Parameters<NonNullable<Config['fileProvider']>['getFileContent']>[0];

/** `$/` and `./` mean the repository of the file; another one is this project, or nothing that is known. */
async function readReferenced(
  reference: FileReference,
  from: string,
  self: string,
): Promise<{ name: string; content: string }> {
  if ('repository' in reference && `${reference.owner}/${reference.repository}` !== 'OWNER/slipway') {
    throw new UserError(`the repository ${reference.owner}/${reference.repository} is not known here`);
  }
  const home = from.split(`${path.sep}.github${path.sep}`)[0] ?? self;
  const file = path.join('repository' in reference ? self : home, reference.path);
  return { name: file, content: await readFile(file, 'utf8') };
}

function describeAction({ owner, name }: { owner: string; name: string }): Metadata {
  const action = pinnedActions.get(`${owner}/${name}`);
  if (!action) return undefined;
  const named = (names: readonly string[]): Record<string, { description: string }> =>
    Object.fromEntries(names.map((one) => [one, { description: one }]));
  const { description } = action;
  return { name, description, inputs: named(action.inputs), outputs: named(action.outputs) };
}

/** Actions of others that are named by a tag or branch, which can be moved under us, instead of by a commit. */
async function findLooseActions(file: string, content: string): Promise<Problem[]> {
  const { parseWorkflow, NoOperationTraceWriter } = await workflowParser();
  const { value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  if (!value) return [];
  const loose: Problem[] = [];
  for (const [, token, key] of TemplateToken.traverse(value)) {
    if (!key || String(key) !== 'uses' || !isString(token)) continue;
    const reference = parseReference(token.value);
    if (reference?.kind !== 'remote' || reference.repository === 'OWNER/slipway') continue;
    if (/^[0-9a-f]{40}$/.test(reference.ref)) continue;
    const { line = 1, col: column = 1 } = token;
    const message = `${token.value} is not pinned by a full commit SHA`;
    loose.push({ file, line, column, severity: 'error', message });
  }
  return loose;
}
