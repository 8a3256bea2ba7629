import { UserError } from '@slipway/kernel';
import { place } from '../expressions/evaluate.ts';
import { checkout } from './checkout.ts';
import { downloadArtifact } from './download-artifact.ts';
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
  return act(run, new Inputs(name, given, place(run.running.call.workflow.file, run.step.line)));
}

/** The inputs of a stand-in: every one that is given must be asked for, or the step is refused. */
export class Inputs {
  readonly #name: string;
  readonly #given: Record<string, string>;
  readonly #where: string;

  constructor(name: string, given: Record<string, string>, where: string) {
    this.#name = name;
    this.#given = given;
    this.#where = where;
  }

  /** @throws UserError when an input is given that is not among those known here. */
  known(...names: string[]): void {
    const unknown = Object.keys(this.#given).find((name) => !names.includes(name));
    if (unknown) this.refuse(`the input "${unknown}"`);
  }

  text(name: string, standard = ''): string {
    return this.#given[name] || standard;
  }

  flag(name: string, standard: boolean): boolean {
    return this.text(name, String(standard)).toLowerCase() === 'true';
  }

  refuse(what: string): never {
    throw new UserError(`${this.#where}: ${what} of ${this.#name} is not implemented by the local runner`);
  }
}
