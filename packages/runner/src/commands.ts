import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { EOL } from 'node:os';

// The runner's protocol (docs.github.com, "Workflow commands for GitHub Actions"), written here: @actions/core exports
// nothing smaller than its entry, which loads an HTTP client of 1.3 MB at the start of every step.

/** Where an annotation points. */
interface AnnotationProperties {
  title?: string;
  file?: string;
  startLine?: number;
  endLine?: number;
  startColumn?: number;
  endColumn?: number;
}

/** The value of an input, trimmed; '' when it was not given. */
export function getInput(name: string): string {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** @throws the file system's error when the runner's file cannot be written. */
export function setOutput(name: string, value: string): void {
  if (process.env.GITHUB_OUTPUT) {
    // A value cannot contain the end of its own text: nobody knows the delimiter before.
    const delimiter = `ghadelimiter_${randomUUID()}`;
    const entry = `${name}<<${delimiter}${EOL}${value}${EOL}${delimiter}${EOL}`;
    appendFileSync(process.env.GITHUB_OUTPUT, entry);
  } else {
    process.stdout.write(EOL);
    issueCommand('set-output', { name }, value);
  }
}

/** Appends Markdown to the job summary, where there is one. @throws the file system's error when it cannot be written. */
export function addSummary(markdown: string): void {
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, markdown);
}

/** Has the runner mask a text in everything that is printed after this. */
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
  (message, { title, file, startLine: line, endLine, startColumn: col, endColumn } = {}) =>
    issueCommand(command, { title, file, line, endLine, col, endColumn }, message);

export const error = annotation('error');
export const warning = annotation('warning');
export const notice = annotation('notice');

/** Folds the lines that `body` writes under a title. */
export async function group<T>(title: string, body: () => Promise<T>): Promise<T> {
  issueCommand('group', {}, title);
  try {
    return await body();
  } finally {
    issueCommand('endgroup', {}, '');
  }
}

/** Writes `::command key=value,…::message`, escaped as the runner reads it. */
function issueCommand(
  command: string,
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): void {
  const pairs = Object.entries(properties)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  const separator = pairs.length > 0 ? ' ' : '';
  process.stdout.write(`::${command}${separator}${pairs.join(',')}::${escapeMessage(message)}${EOL}`);
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
