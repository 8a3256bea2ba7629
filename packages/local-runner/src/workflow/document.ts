import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { isMapping, isSequence, isString } from '@actions/workflow-parser/templates/tokens/type-guards';
import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { workflowParser } from '../official/packages.ts';

/** A part of a workflow file with the name of the file, for messages. */
export interface Part {
  file: string;
  token: TemplateToken;
}

/** Parses a workflow with GitHub's own parser. @throws UserError with everything that GitHub refuses, by file and line. */
export async function parseDocument(file: string, content: string): Promise<Part> {
  const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await workflowParser();
  const { context, value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  // The conversion finds what the schema cannot: unknown needs, cycles, ids used twice, wrong conditions.
  if (value) await convertWorkflowTemplate(context, value);
  const errors = context.errors.getErrors();
  if (errors.length > 0 || !value) {
    const said = errors.map(
      (error) => `${formatLocation(file, error.range?.start.line)}: ${error.rawMessage}`,
    );
    throw new UserError(said.join('\n') || `${file}: the file is empty`);
  }
  return { file, token: value };
}

/** The values of a mapping by key; none for what is absent or empty. */
export function fields(part: Part | undefined): Map<string, TemplateToken> {
  if (!part || !isMapping(part.token)) return new Map();
  return new Map([...part.token].map(({ key, value }) => [String(key), value]));
}

export function items(part: Part): TemplateToken[] {
  return isSequence(part.token) ? [...part.token] : [];
}

/** Text that holds no expression, such as `uses`. */
export function literal(part: Part): string {
  if (isString(part.token)) return part.token.value;
  throw new UserError(`${formatLocation(part.file, part.token.line)}: plain text was expected`);
}

/** Refuses keys that GitHub knows and this runner does not, because to skip them would be to guess. */
export function refuseUnknown(part: Part, known: readonly string[], what: string): void {
  if (!isMapping(part.token)) return;
  for (const { key } of part.token) {
    if (known.includes(String(key))) continue;
    const where = formatLocation(part.file, key.line);
    throw new UserError(`${where}: "${String(key)}" of a ${what} is not implemented by the local runner`);
  }
}

/** Leaves a property out when there is nothing to say. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}
