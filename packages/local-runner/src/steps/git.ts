import { UserError } from '@slipway/kernel';
import { baseEnvironment } from '../machine/environment.ts';
import { runChild } from '../process/child.ts';
import type { StepRun } from './step-run.ts';

/** Runs git for a step, in a folder. @returns what it printed. @throws UserError with what git said when it fails. */
export async function git(run: StepRun, cwd: string, ...args: string[]): Promise<string> {
  const said: string[] = [];
  const { state, control } = run.running;
  const { code } = await runChild({
    argv: ['git', ...args],
    cwd,
    env: { ...baseEnvironment(state.options), GIT_TERMINAL_PROMPT: '0' },
    onLine: (line) => said.push(line),
    cancel: run.cancel,
    kill: control.kill,
    timing: state.timing,
  });
  if (code !== 0)
    throw new UserError(`git ${args[0]} failed with exit code ${code}: ${said.slice(-3).join(' ')}`);
  return said.join('\n');
}
