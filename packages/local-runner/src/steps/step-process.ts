import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { baseEnvironment, runnerEnvironment } from '../machine/environment.ts';
import { runChild } from '../process/child.ts';
import { MalformedFile, parseProtocolFile } from '../process/protocol-file.ts';
import type { StepRun } from './step-run.ts';

export interface StepProcess {
  argv: readonly [string, ...string[]];
  cwd: string;
  /** Over the environment that every step has. */
  env: Record<string, string>;
}

export interface StepProcessEnd {
  code: number | null;
  outputs: Record<string, string>;
  /** What an action keeps for its clean-up. */
  state: Record<string, string>;
  /** A protocol file could not be read: the step fails. */
  malformed: boolean;
}

const names = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const;
type FileName = (typeof names)[number];
/** GitHub uploads no larger summary of a step. */
const largestSummary = 1024 * 1024;
/** What GITHUB_ENV may not set, because it would run code in later steps. */
const forbidden = new Set(['NODE_OPTIONS']);

/** Runs a process of a step with real protocol files, which count however it ends. */
export async function runStepProcess(step: StepRun, options: StepProcess): Promise<StepProcessEnd> {
  const { running, console, cancel } = step;
  const { state, machine, control } = running;
  const folder = await mkdtemp(path.join(machine.temp, '_runner_file_commands-'));
  const files = Object.fromEntries(names.map((name) => [name, path.join(folder, name)])) as Record<
    FileName,
    string
  >;
  for (const file of Object.values(files)) await writeFile(file, '');
  const { code, left } = await runChild({
    argv: options.argv,
    cwd: options.cwd,
    env: { ...stepEnvironment(step, options.env), ...files },
    onLine: console.line,
    cancel,
    kill: control.kill,
    timing: state.timing,
  });
  if (left !== null) machine.left.push(left);
  if (control.kill.aborted) return { code: null, outputs: {}, state: {}, malformed: false };
  return { code, ...(await readFiles(step, files)) };
}

/** Later ones win: the machine, workflow and job with GITHUB_ENV, the step, the action's inputs, the runner. */
function stepEnvironment(
  { running, env, step }: StepRun,
  own: Record<string, string>,
): Record<string, string> {
  const { state, machine, job, paths } = running;
  const all = { ...baseEnvironment(state.options), ...running.env, ...env, ...own };
  const github = { ...state.github, job: job.id, action: step.id };
  const PATH = [...paths, all.PATH ?? ''].filter((one) => one !== '').join(path.delimiter);
  return { ...all, PATH, ...runnerEnvironment(github, machine) };
}

async function readFiles(
  step: StepRun,
  files: Record<FileName, string>,
): Promise<Omit<StepProcessEnd, 'code'>> {
  const { running, console } = step;
  let malformed = false;
  const read = async (name: FileName): Promise<string> => readFile(files[name], 'utf8').catch(() => '');
  const parse = async (name: FileName): Promise<Record<string, string>> => {
    try {
      return parseProtocolFile(await read(name));
    } catch (error) {
      if (!(error instanceof MalformedFile)) throw error;
      malformed = true;
      console.error(
        `Unable to process file command '${name.slice(7).toLowerCase()}' successfully. ${error.message}`,
      );
      return {};
    }
  };
  for (const [name, value] of Object.entries(await parse('GITHUB_ENV'))) {
    if (!forbidden.has(name.toUpperCase())) running.env[name] = value;
    else console.error(`Can't store ${name} output parameter using '$GITHUB_ENV' command.`);
  }
  const added = (await read('GITHUB_PATH')).split(/\r?\n/).filter((line) => line !== '');
  running.paths.unshift(...added.reverse());
  publishSummary(step, await read('GITHUB_STEP_SUMMARY'));
  return { outputs: await parse('GITHUB_OUTPUT'), state: await parse('GITHUB_STATE'), malformed };
}

function publishSummary({ console }: StepRun, markdown: string): void {
  const size = Buffer.byteLength(markdown);
  if (size > largestSummary) {
    console.error(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(size / 1024)}k.`,
    );
  } else if (markdown.trim() !== '') console.summary(markdown);
}
