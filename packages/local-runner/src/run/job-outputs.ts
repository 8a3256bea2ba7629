import { isMapping } from '@actions/workflow-parser/templates/tokens/type-guards';
import { describeError } from '@slipway/kernel';
import { resolveText } from '../expressions/evaluate.ts';
import type { Template } from '../workflow/model.ts';
import { type RunningJob, stepScope } from './running-job.ts';

/** What a job passes to others, whatever its result. Empty outputs and those that hold a secret are left out, as on GitHub. */
export function jobOutputs(running: RunningJob): Record<string, string> {
  const { job, state, id, masks } = running;
  const outputs: Record<string, string> = {};
  const scope = stepScope(running);
  for (const { key, value: template } of job.outputs && isMapping(job.outputs) ? job.outputs : []) {
    const output = String(key);
    try {
      const value = resolveText(template, scope);
      if (value === '') continue;
      if (masks.touches(value)) {
        state.emit({ type: 'output-dropped', at: Date.now(), job: id, output });
        warn(running, `Skip output '${output}' since it may contain secret.`);
      } else outputs[output] = value;
    } catch (error) {
      warn(running, `Skip output '${output}': ${describeError(error)}`);
    }
  }
  return outputs;
}

/** `environment.url`, as the deployment would show it. */
export function publishUrl(running: RunningJob, environment: string, template: Template): void {
  const { state, id, masks } = running;
  const url = resolveText(template, stepScope(running));
  if (url === '') return;
  if (masks.touches(url))
    warn(running, `Skip setting environment url as environment '${environment}' may contain secret.`);
  else state.emit({ type: 'deployment', at: Date.now(), job: id, environment, url });
}

function warn({ state, id, masks }: RunningJob, message: string): void {
  state.emit({ type: 'warning', at: Date.now(), job: id, message: masks.mask(message) });
}
