import { randomUUID } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { formatLocation, resolveText } from '../expressions/evaluate.ts';
import type { RunWork } from '../workflow/model.ts';
import { runStepProcess } from './step-process.ts';
import type { StepEnd, StepRun } from './step-run.ts';

/** GitHub takes no longer script. */
const maxScriptLength = 21_000;
/** How the runner starts the shells that are known here. */
const shells: Record<string, readonly [string, ...string[]]> = {
  '': ['bash', '-e'],
  bash: ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail'],
  sh: ['sh', '-e'],
};

/** A `run` step. */
export async function runScript(run: StepRun, work: RunWork): Promise<StepEnd> {
  const { running, scope, console } = run;
  const { machine, job } = running;
  const shell = work.shell ?? job.defaults.shell;
  const argv = shells[shell ? resolveText(shell, scope) : ''];
  if (!argv)
    throw new UserError(
      `${formatLocation(scope.file, shell?.line)}: the shell "${String(shell)}" is not implemented by the local runner`,
    );
  const text = resolveText(work.script, scope);
  if (text.length > maxScriptLength) {
    throw new UserError(
      `${formatLocation(scope.file, work.script.line)}: the script is longer than ${maxScriptLength} characters`,
    );
  }
  const file = path.join(machine.temp, `${randomUUID()}.sh`);
  await writeFile(file, text.endsWith('\n') ? text : `${text}\n`);
  const directory = work.workingDirectory ?? job.defaults.workingDirectory;
  const cwd = path.resolve(machine.workspace, directory ? resolveText(directory, scope) : '.');
  if (!(await stat(cwd).catch(() => null))?.isDirectory()) {
    throw new UserError(
      `${formatLocation(scope.file, directory?.line)}: there is no folder ${cwd} to run in`,
    );
  }
  const end = await runStepProcess(run, { argv: [...argv, file], cwd, env: {} });
  const ok = end.code === 0 && !end.malformed;
  if (end.code !== 0 && end.code !== null) console.error(`Process completed with exit code ${end.code}.`);
  return { ok, outputs: end.outputs };
}
