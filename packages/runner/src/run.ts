import { rmSync } from 'node:fs';
import * as core from '@actions/core';
import type { Section } from '@slipway/config';
import { Cancelled, describeError, exitCode, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import type * as z from 'zod';
import type { Action, ActionContext, Render, Result } from './action.ts';
import { cancellation } from './cancellation.ts';
import { buildContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { parseInputs } from './inputs.ts';
import { publish } from './publish.ts';

/**
 * Runs an action: one boundary around parsing, the work and the clean-up. Whatever happens, outputs, record and
 * summary are written first, then at most one `::error::`, then the exit code.
 */
export async function runAction<Shape extends z.ZodRawShape, Uses extends Section>(
  action: Action<Shape, Uses>,
  render: Render,
): Promise<void> {
  const startedAt = new Date();
  const step = readEnvironment(process.env);
  for (const secret of step.redactor.values()) core.setSecret(secret);
  const cancel = cancellation();
  let phase = action.name;
  let kept: ReleaseRecord | undefined;
  let temp: string | undefined;
  let result: Result;
  try {
    const inputs = parseInputs(action.inputs);
    phase = action.phase?.(inputs) ?? phase;
    const context = buildContext(
      { inputs: inputs as never, step, signal: cancel.signal, keep: (record) => (kept = record) },
      action.uses,
    ) as ActionContext<typeof inputs, Uses>;
    temp = context.temp;
    kept = context.record;
    result = await action.main(context);
  } catch (error) {
    result = resultOf(error, phase);
  } finally {
    if (temp) rmSync(temp, { recursive: true, force: true });
    cancel.dispose();
  }
  const record = result.record ?? kept;
  await publish({ phase, startedAt, result, record, render, redactor: step.redactor, env: step.variables });
  process.exitCode = exitCode(result.outcome);
}

function resultOf(error: unknown, phase: string): Result {
  if (error instanceof UserError) return { outcome: 'refused', summary: error.message, ...hintOf(error) };
  if (error instanceof Cancelled) {
    return {
      outcome: 'failed',
      summary: `${phase} was ${error.message}`,
      hint: 'The run was cancelled; run it again to go on.',
    };
  }
  if (error instanceof Error && error.stack) core.debug(error.stack);
  const hint = (error as { hint?: string }).hint;
  return { outcome: 'failed', summary: describeError(error), ...(hint ? { hint } : {}) };
}

function hintOf(error: UserError): { hint?: string } {
  return error.hint === undefined ? {} : { hint: error.hint };
}
