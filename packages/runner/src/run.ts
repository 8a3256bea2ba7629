import { rmSync } from 'node:fs';
import type { Use } from '@slipway/config';
import { Cancelled, describeError, type Redactor, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import type * as z from 'zod';
import type { Action, LoadReport, Result } from './action.ts';
import { cancellation } from './cancellation.ts';
import * as core from './commands.ts';
import { buildContext } from './context.ts';
import { crashes } from './crash.ts';
import { readEnvironment } from './environment.ts';
import { parseInputs } from './inputs.ts';
import { codeOf, type Publication, publish } from './publish.ts';
import { spokenResult } from './spoken-result.ts';
import { requireCommitOfRelease } from './version-commit.ts';

/** How long abandoned work may take to stop after everything is written. */
const remainingWorkGraceMs = 1000;

/**
 * Runs an action: one boundary around parsing, the work and the clean-up. Whatever happens, outputs, record and
 * summary are written first, then at most one `::error::`, then the exit code. Signals are held off until that is done.
 */
export async function runAction<Shape extends z.ZodRawShape, Uses extends Use>(
  action: Action<Shape, Uses>,
  loadReport: LoadReport,
): Promise<void> {
  // Until the opposite is proven: an error that escapes even this boundary must not end as a green step.
  process.exitCode = 1;
  const startedAt = new Date();
  const step = readEnvironment(process.env);
  for (const secret of step.redactor.values()) core.setSecret(secret);
  const cancel = cancellation();
  const crash = crashes(action.name);
  let phase = action.name;
  let saved: ReleaseRecord | undefined;
  let temp: string | undefined;
  let result: Result;
  let working = false;
  try {
    if (step.problem) throw step.problem;
    const inputs = parseInputs(action.inputs);
    noteMasked(inputs, step.redactor);
    phase = action.phase?.(inputs) ?? phase;
    const context = await buildContext(
      { inputs, step, signal: cancel.signal, saveRecord: (record) => (saved = record) },
      action.uses,
    );
    temp = context.temp;
    saved = context.record;
    if (action.usesSources?.(inputs)) await requireCommitOfRelease(context, inputs);
    working = true;
    const work = action.main(context).finally(() => (working = false));
    loadReport().catch(() => undefined);
    result = await Promise.race([work, crash.happened, cancel.overdue]);
  } catch (error) {
    result = resultOf(error, phase, step.redactor);
  } finally {
    if (temp) rmSync(temp, { recursive: true, force: true });
  }
  const record = result.record ?? saved;
  await settle({
    phase,
    startedAt,
    result,
    record,
    loadReport,
    redactor: step.redactor,
    env: step.variables,
  });
  crash.dispose();
  cancel.dispose();
  if (working) setTimeout(endNow, remainingWorkGraceMs).unref();
  else endNow();
}

/** Inputs that come from secrets, so that GitHub masks them. */
const maskedInputs = ['username', 'password', 'github-token'];

function noteMasked(inputs: object, redactor: Redactor): void {
  for (const [name, value] of Object.entries(inputs))
    if (maskedInputs.includes(name)) redactor.note(String(value), `the input "${name}"`);
}

/** Publishes the result; one that cannot be published is a failure. */
async function settle(publication: Publication): Promise<void> {
  const { phase, result, redactor } = publication;
  try {
    await publish(publication);
    process.exitCode = codeOf(result);
  } catch (error) {
    const { annotation } = spokenResult(result, redactor);
    const what = `${annotation}\nIts outputs could not be written: ${describeError(error)}`;
    core.error(redactor.redact(what), { title: `${phase}: ${result.outcome}` });
  }
}

/** How long a reader of stdout may stall. */
const stalledReaderMs = 30_000;

/** Once stdout has taken every line. A connection that was left open must not keep the step running. */
function endNow(): void {
  const end = (): void => process.exit();
  process.stdout.write('', end);
  setTimeout(end, stalledReaderMs).unref();
}

function resultOf(error: unknown, phase: string, redactor: Redactor): Result {
  if (error instanceof UserError) return { outcome: 'refused', summary: error.message, ...moreOf(error) };
  if (error instanceof Cancelled) {
    return {
      outcome: 'failed',
      summary: `${phase} was ${error.message}`,
      hint: 'The run was cancelled; run it again to continue.',
    };
  }
  if (error instanceof Error && error.stack) core.debug(redactor.redact(error.stack));
  return { outcome: 'failed', summary: describeError(error), ...moreOf(error) };
}

/** What our own errors carry with their sentence. */
function moreOf(error: unknown): Pick<Result, 'hint' | 'details'> {
  const { hint, details } = (error ?? {}) as Pick<Result, 'hint' | 'details'>;
  return { ...(hint ? { hint } : {}), ...(Array.isArray(details) ? { details } : {}) };
}
