import { appendFileSync } from 'node:fs';
import { EOL } from 'node:os';
import type { AnnotationProperties } from '@actions/core';
// The parts of @actions/core by themselves: its entry also loads an HTTP client of 1.3 MB, for identity tokens that
// nobody here asks for, and each step would read it at its start.
import { issue, issueCommand } from '../../../node_modules/@actions/core/lib/command.js';
import {
  issueFileCommand,
  prepareKeyValueMessage,
} from '../../../node_modules/@actions/core/lib/file-command.js';
import { toCommandProperties } from '../../../node_modules/@actions/core/lib/utils.js';

/** The value of an input, trimmed; '' when it was not given. */
export function getInput(name: string): string {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** @throws what the file system says when the runner's file takes no more. */
export function setOutput(name: string, value: string): void {
  if (process.env.GITHUB_OUTPUT) {
    issueFileCommand('OUTPUT', prepareKeyValueMessage(name, value));
  } else {
    process.stdout.write(EOL);
    issueCommand('set-output', { name }, value);
  }
}

/** Adds Markdown to the page of the run, where there is one. @throws what the file system says when it takes no more. */
export function addSummary(markdown: string): void {
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, markdown);
}

/** Has the runner blank a text out of everything that comes after. */
export function setSecret(secret: string): void {
  issueCommand('add-mask', {}, secret);
}

/** A line of the log, as it is. */
export function info(line: string): void {
  process.stdout.write(`${line}${EOL}`);
}

/** Shown only when debug logging is on. */
export function debug(line: string): void {
  issueCommand('debug', {}, line);
}

type Annotate = (message: string, properties?: AnnotationProperties) => void;

const annotation =
  (command: 'error' | 'warning' | 'notice'): Annotate =>
  (message, properties = {}) =>
    issueCommand(command, toCommandProperties(properties), message);

export const error = annotation('error');
export const warning = annotation('warning');
export const notice = annotation('notice');

/** Folds the lines that are written meanwhile under a title. */
export async function group<T>(title: string, body: () => Promise<T>): Promise<T> {
  issue('group', title);
  try {
    return await body();
  } finally {
    issue('endgroup');
  }
}
