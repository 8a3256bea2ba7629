import { Fault } from '../errors.ts';
import type { OutsideText } from '../outside-text.ts';
import type { ChildExit } from './child.ts';

/** What a command printed and how it finished. A failure is a value that the caller must look at, not an exception. */
export type CommandResult = ChildExit & {
  /** It exited 0. */
  ok: boolean;
  stdout: OutsideText;
  stderr: OutsideText;
  ms: number;
};

/** `exited 1`, `was killed by SIGKILL`, `timed out`. */
export function describeExit(exit: ChildExit): string {
  if (exit.state === 'exited') return `exited ${exit.code}`;
  return exit.state === 'timedOut' ? 'timed out' : `was killed by ${exit.signal}`;
}

/** The last lines of what a command printed, those of stderr where there are any, for the message that explains it. */
export function lastLines(result: Pick<CommandResult, 'stdout' | 'stderr'>, count = 8): OutsideText[] {
  return (result.stderr.isEmpty ? result.stdout : result.stderr).tail(count);
}

/** The last line of it, or `(no output)`. */
export function lastLine(result: Pick<CommandResult, 'stdout' | 'stderr'>): string {
  return String(lastLines(result, 1)[0] ?? '(no output)');
}

/** stdout of a command that must succeed. @throws Fault that says what was being done and how the command finished. */
export function expectSuccess(result: CommandResult, doing: string, hint?: string): OutsideText {
  if (result.ok) return result.stdout;
  const lines = lastLines(result);
  throw new Fault(`cannot ${doing}: the command ${describeExit(result)}: ${lastLine(result)}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(lines.length > 1 ? { details: lines } : {}),
  });
}
