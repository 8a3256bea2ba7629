import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { serverUrl } from '../machine/github-context.ts';
import { findFiles } from './artifact-files.ts';
import type { Inputs } from './stand-in-inputs.ts';
import type { StepEnd, StepRun } from './step-run.ts';

const maxRetentionDays = 90;

/** GitHub's words. */
const storageFull =
  'Failed to CreateArtifact: Artifact storage quota has been hit. Unable to upload any new artifacts.';

/** Replaces actions/upload-artifact: the files are saved in a folder of the run. */
export async function uploadArtifact(run: StepRun, inputs: Inputs): Promise<StepEnd> {
  inputs.known(
    ...['name', 'path', 'if-no-files-found', 'retention-days', 'compression-level', 'overwrite'],
    'include-hidden-files',
  );
  const { state, machine } = run.running;
  const name = checkName(inputs.text('name', 'artifact'));
  checkRetention(inputs.text('retention-days', '0'));
  if (inputs.text('path') === '') throw new UserError('Input required and not supplied: path');
  const { root, files } = findFiles(
    machine.workspace,
    inputs.text('path'),
    inputs.flag('include-hidden-files', false),
  );
  if (files.length === 0) return { ok: reportNone(run, inputs), outputs: {} };
  const folder = path.resolve(state.options.work, 'artifacts', name);
  if (name in state.artifacts) {
    if (!inputs.flag('overwrite', false)) {
      throw new UserError(`an artifact with the name ${name} exists in this run already`);
    }
    await rm(folder, { recursive: true, force: true });
  }
  if (state.options.artifactStorage === 'full') throw new UserError(storageFull);
  const digest = createHash('sha256');
  for (const file of files) {
    const target = path.join(folder, path.relative(root, file));
    await mkdir(path.dirname(target), { recursive: true });
    await cp(file, target);
    digest.update(await readFile(file));
  }
  state.artifacts[name] = folder;
  const id = String(Object.keys(state.artifacts).indexOf(name) + 1);
  const url = `${serverUrl}/${state.options.repository.name}/actions/runs/${state.options.runId ?? 1}/artifacts/${id}`;
  run.console.line(`Artifact ${name}: ${files.length} files`);
  return {
    ok: true,
    outputs: { 'artifact-id': id, 'artifact-url': url, 'artifact-digest': digest.digest('hex') },
  };
}

function checkName(name: string): string {
  if (!/["*:<>|?\\/\r\n]/.test(name)) return name;
  throw new UserError(`the artifact name "${name}" holds a character that GitHub refuses`);
}

function checkRetention(days: string): void {
  if (/^\d+$/.test(days) && Number(days) <= maxRetentionDays) return;
  throw new UserError(`retention-days must be a number up to ${maxRetentionDays}, found "${days}"`);
}

function reportNone(run: StepRun, inputs: Inputs): boolean {
  const message = `No files were found with the provided path: ${inputs.text('path')}. No artifacts will be uploaded.`;
  const mode = inputs.text('if-no-files-found', 'warn');
  if (mode === 'ignore') run.console.line(message);
  else if (mode === 'warn' || mode === 'error') {
    run.console.annotate({ level: mode === 'warn' ? 'warning' : 'error', message });
  } else inputs.refuse(`if-no-files-found "${mode}"`);
  return mode !== 'error';
}
