import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { BasicExpressionToken, StringToken } from '@actions/workflow-parser/templates/tokens/index';
import { UserError } from '@slipway/kernel';
import { formatLocation, resolveText, resolveTexts } from '../expressions/evaluate.ts';
import type { Step, UseWork } from '../workflow/model.ts';
import { type NodeAction, readAction } from './action-file.ts';
import { findAction } from './find-action.ts';
import { performStep } from './perform-step.ts';
import { runStandIn } from './stand-ins.ts';
import { runStepProcess } from './step-process.ts';
import type { StepEnd, StepRun } from './step-run.ts';

/** A `uses` step. */
export async function useAction(run: StepRun, work: UseWork): Promise<StepEnd> {
  const { running, scope, step } = run;
  const { call, state, machine } = running;
  const where = formatLocation(call.workflow.file, step.line);
  const found = await findAction(work.uses, call.workflow, state.options, where);
  const given = resolveTexts(work.with, scope);
  if (found.kind === 'stand-in') return runStandIn(found.name, run, given);
  const inWorkspace = found.kind === 'workspace';
  const action = await readAction(inWorkspace ? path.join(machine.workspace, found.path) : found.folder);
  const inputs = readInputs(run, action, given);
  const about = inWorkspace
    ? {}
    : { GITHUB_ACTION_REPOSITORY: found.repository, GITHUB_ACTION_REF: found.ref };
  return runNode(run, action, { ...inputs, ...about });
}

/** INPUT_* as the runner makes them: what was given, else the default; spaces become `_`, dashes stay. */
function readInputs(run: StepRun, action: NodeAction, given: Record<string, string>): Record<string, string> {
  const { scope, console } = run;
  const names = new Map([...action.inputs.keys()].map((name) => [name.toLowerCase(), name]));
  const unknown = Object.keys(given).filter((name) => !names.has(name.toLowerCase()));
  if (unknown.length > 0) {
    const valid = [...action.inputs.keys()].map((name) => `'${name}'`).join(', ');
    const strange = unknown.map((name) => `'${name}'`).join(', ');
    console.annotate({
      level: 'warning',
      message: `Unexpected input(s) ${strange}, valid inputs are [${valid}]`,
    });
  }
  const said = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const inputs: Record<string, string> = Object.fromEntries(
    unknown.map((name) => [variable(name), given[name] ?? '']),
  );
  for (const [name, standard] of action.inputs) {
    const value = said.get(name.toLowerCase());
    if (value !== undefined) inputs[variable(name)] = value;
    else if (standard) inputs[variable(name)] = resolveText(standard, { ...scope, file: action.file });
  }
  return inputs;
}

/** The name under which an action finds an input. */
function variable(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}

async function runNode(run: StepRun, action: NodeAction, env: Record<string, string>): Promise<StepEnd> {
  const cwd = run.running.machine.workspace;
  if (!existsSync(action.main))
    throw new UserError(`${action.file}: runs.main is ${action.main}, which does not exist`);
  const end = await runStepProcess(run, { argv: [process.execPath, action.main], cwd, env });
  const { post } = action;
  if (post) {
    const savedState = Object.fromEntries(
      Object.entries(end.state).map(([name, value]) => [`STATE_${name}`, value]),
    );
    run.running.posts.unshift(() => runPost(run, action, post, { ...env, ...savedState }));
  }
  return { ok: end.code === 0 && !end.malformed, outputs: end.outputs };
}

async function runPost(
  run: StepRun,
  action: NodeAction,
  post: string,
  env: Record<string, string>,
): Promise<void> {
  const { step, running } = run;
  const condition = new BasicExpressionToken(
    undefined,
    undefined,
    action.postIf,
    undefined,
    undefined,
    undefined,
  );
  const after: Step = {
    id: `__post_${step.id}`,
    line: step.line,
    condition,
    work: step.work,
    ...(step.env ? { env: step.env } : {}),
  };
  const name = step.name instanceof StringToken ? step.name.value : step.id;
  await performStep(running, after, `Post ${name}`, async (again) => {
    const end = await runStepProcess(again, {
      argv: [process.execPath, post],
      cwd: running.machine.workspace,
      env,
    });
    return { ok: end.code === 0, outputs: {} };
  });
}
