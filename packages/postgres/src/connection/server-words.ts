import type { EventEmitter } from 'node:events';
import { OutsideText, type Redactor } from '@slipway/kernel';
import type { Client } from 'pg';

/** What the server puts into an error as text; it may quote statements, rows and connection strings. */
const textFields = [
  'message',
  'detail',
  'hint',
  'where',
  'internalQuery',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'stack',
] as const;

/**
 * Makes every error of a connection safe to print before anything else sees it: what the server and the network say is
 * text from outside. Called once, before the client connects.
 */
export function makeErrorsSafe(client: Client, redactor: Redactor): void {
  const { connection } = client as unknown as { connection: EventEmitter };
  for (const event of ['errorMessage', 'error'])
    connection.prependListener(event, (error: unknown) => makeSafe(error, redactor));
}

function makeSafe(error: unknown, redactor: Redactor): void {
  if (!(error instanceof Error)) return;
  if (error instanceof AggregateError) for (const one of error.errors) makeSafe(one, redactor);
  const fields = error as unknown as Record<string, unknown>;
  for (const name of textFields) {
    const text = fields[name];
    if (typeof text === 'string') fields[name] = `${OutsideText.of(text, redactor)}`;
  }
}
