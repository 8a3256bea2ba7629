import { cp, mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import type { Inputs } from './stand-in-inputs.ts';
import type { StepEnd, StepRun } from './step-run.ts';

/** Replaces actions/download-artifact: of this run, by name, or all of them, each in a folder of its name. */
export async function downloadArtifact(run: StepRun, inputs: Inputs): Promise<StepEnd> {
  inputs.known('name', 'path', 'merge-multiple');
  const { state, machine } = run.running;
  const target = path.resolve(machine.workspace, inputs.text('path', '.'));
  const name = inputs.text('name');
  if (name !== '' && !(name in state.artifacts)) {
    throw new UserError(`Unable to download artifact(s): Artifact not found for name: ${name}`);
  }
  await mkdir(target, { recursive: true });
  for (const [one, folder] of Object.entries(state.artifacts)) {
    if (name !== '' && one !== name) continue;
    const flat = name !== '' || inputs.flag('merge-multiple', false);
    await cp(folder, flat ? target : path.join(target, one), { recursive: true });
  }
  return { ok: true, outputs: { 'download-path': target } };
}
