import { type CommandResult, OutsideText, Redactor } from '@slipway/kernel';

/** What the executor returns for a command that exited with this code. */
export function exited(code: number, printed: { stdout?: string; stderr?: string } = {}): CommandResult {
  const redactor = new Redactor();
  const [stdout, stderr] = [printed.stdout, printed.stderr].map((text) =>
    OutsideText.of(text ?? '', redactor),
  ) as [OutsideText, OutsideText];
  return { state: 'exited', code, ok: code === 0, stdout, stderr, ms: 1 };
}
