import type { Use } from '@slipway/config';
import type * as z from 'zod';
import type { Action, ActionContext } from './action.ts';
import { type InputsOf, inputSchema } from './inputs.ts';

/** What an action with its own inputs and these sections of the configuration works with. */
export type ContextOf<Shape extends z.ZodRawShape, Uses extends readonly Use[]> = ActionContext<
  InputsOf<Shape>,
  Uses[number]
>;

/** Defines an action from its own inputs and the sections that it reads; the type of its context follows from both. */
export function defineAction<Shape extends z.ZodRawShape, const Uses extends Use>(
  definition: Omit<Action<Shape, Uses>, 'inputs'> & { inputs: Shape },
): Action<Shape, Uses> {
  return { ...definition, inputs: inputSchema(definition.inputs) };
}
