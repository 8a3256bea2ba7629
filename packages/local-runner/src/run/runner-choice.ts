import { UserError } from '@slipway/kernel';
import type { RunnerChoice } from '../events.ts';
import { formatLocation, resolve } from '../expressions/evaluate.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Template } from '../workflow/model.ts';

/**
 * The runner that a job asks for: a label, labels, or a group with labels, written so or computed by an expression.
 * @throws UserError for anything else, which GitHub would not find a runner for.
 */
export function chooseRunner(runsOn: Template | undefined, scope: Scope): RunnerChoice {
  const said = resolve(runsOn, scope);
  const refuse = (): never => {
    const where = formatLocation(scope.file, runsOn?.line);
    throw new UserError(
      `${where}: runs-on must be a label, a list of labels, or a group with labels, found ${JSON.stringify(said)}`,
    );
  };
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    return { group: null, labels: labelsOf(said) ?? refuse() };
  const { group = null, labels = [], ...others } = said as Record<string, unknown>;
  const known = (group === null || typeof group === 'string') && Object.keys(others).length === 0;
  const named = Array.isArray(labels) && labels.length === 0 ? [] : labelsOf(labels);
  if (!known || !named || (group === null && named.length === 0)) return refuse();
  return { group, labels: named };
}

function labelsOf(value: unknown): string[] | undefined {
  const labels: unknown[] = Array.isArray(value) ? value : [value];
  const texts = labels.filter((label) => typeof label === 'string' && label.trim() !== '');
  return labels.length > 0 && texts.length === labels.length ? texts.map(String) : undefined;
}
