import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { checkout } from './checkout.ts';
import { downloadArtifact } from './download-artifact.ts';
import { Inputs } from './stand-in-inputs.ts';
import type { StepEnd, StepRun } from './step-run.ts';
import { uploadArtifact } from './upload-artifact.ts';

/** Does what a well-known action does, as far as that can be done here. @throws UserError for what cannot. */
type StandIn = (run: StepRun, inputs: Inputs) => Promise<StepEnd>;

const standIns = new Map<string, StandIn>([
  ['actions/checkout', checkout],
  ['actions/upload-artifact', uploadArtifact],
  ['actions/download-artifact', downloadArtifact],
]);

export function isStandIn(repository: string): boolean {
  return standIns.has(repository);
}

export async function runStandIn(
  name: string,
  run: StepRun,
  given: Record<string, string>,
): Promise<StepEnd> {
  const act = standIns.get(name);
  if (!act) throw new UserError(`${name} is not implemented by the local runner`);
  return act(run, new Inputs(name, given, formatLocation(run.running.call.workflow.file, run.step.line)));
}
