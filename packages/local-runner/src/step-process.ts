import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runChild } from './child.ts';
import { parseCommand, parseProtocolFile } from './commands.ts';
import type { JobContext } from './job-context.ts';

export interface StepProcess {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  step: string;
  cancel: AbortSignal;
}

export interface StepProcessResult {
  code: number | null;
  outputs: Record<string, string>;
}

const protocolFiles = [
  'GITHUB_OUTPUT',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
] as const;
/** GitHub shows no more than these of each kind and step. */
const mostAnnotations = 10;
const mostSummary = 1024 * 1024;

/** Runs the process of a step with real protocol files, and obeys the workflow commands it prints. */
export async function runStepProcess(context: JobContext, process_: StepProcess): Promise<StepProcessResult> {
  const folder = await mkdtemp(path.join(context.machine.temp, 'protocol-'));
  await mkdir(folder, { recursive: true });
  const files = Object.fromEntries(protocolFiles.map((name) => [name, path.join(folder, name)]));
  for (const file of Object.values(files)) await writeFile(file, '');
  const code = await runChild({
    argv: process_.argv,
    cwd: process_.cwd,
    env: { ...process_.env, ...files },
    onLine: lineReader(context, process_.step),
    cancel: process_.cancel,
    lost: context.lost,
    grace: context.state.options.grace ?? { interrupt: 7500, terminate: 2500 },
  });
  const read = async (name: (typeof protocolFiles)[number]): Promise<string> =>
    readFile(files[name] as string, 'utf8');
  Object.assign(context.env, parseProtocolFile(await read('GITHUB_ENV'), 'GITHUB_ENV'));
  context.paths.unshift(...(await read('GITHUB_PATH')).split('\n').filter((line) => line !== ''));
  const summary = await read('GITHUB_STEP_SUMMARY');
  if (summary.trim() !== '') publishSummary(context, process_.step, summary);
  return { code, outputs: parseProtocolFile(await read('GITHUB_OUTPUT'), 'GITHUB_OUTPUT') };
}

function publishSummary({ state, id }: JobContext, step: string, summary: string): void {
  if (Buffer.byteLength(summary) > mostSummary) {
    const message = `the summary is larger than ${mostSummary} bytes and was not uploaded`;
    state.emit({ type: 'annotation', job: id, step, level: 'error', title: '', message });
  } else state.emit({ type: 'summary', job: id, step, markdown: state.masks.mask(summary) });
}

/** Follows groups, masks, annotations and stop-commands through the lines of a step. */
function lineReader({ state, id }: JobContext, step: string): (line: string) => void {
  let group: string | null = null;
  let resume: string | null = null;
  const counts = { error: 0, warning: 0, notice: 0 };
  const log = (line: string, level: 'info' | 'debug' | 'group' = 'info'): void =>
    state.emit({ type: 'log', job: id, step, line: state.masks.mask(line), group, level });
  return (line) => {
    const command = parseCommand(line);
    if (resume !== null) {
      if (command?.name === resume) resume = null;
      else log(line);
      return;
    }
    if (!command) return log(line);
    const { name, message, properties } = command;
    if (name === 'add-mask') state.masks.add(message);
    else if (name === 'stop-commands') resume = message;
    else if (name === 'debug') log(message, 'debug');
    else if (name === 'group') {
      group = message;
      log(message, 'group');
    } else if (name === 'endgroup') group = null;
    else if (name === 'error' || name === 'warning' || name === 'notice') {
      if (++counts[name] > mostAnnotations) return log(line);
      const title = state.masks.mask(properties.title ?? '');
      state.emit({
        type: 'annotation',
        job: id,
        step,
        level: name,
        title,
        message: state.masks.mask(message),
      });
    } else log(line);
  };
}
