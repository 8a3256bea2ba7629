import type { Log, Redactor } from '@slipway/kernel';
import * as core from './commands.ts';

/** The log of a step. Lines from outside cannot speak workflow commands, and hold no secret. */
export function stepLog(redactor: Redactor): Log {
  const plain = (line: string): string => defuse(redactor.redact(line));
  return {
    info: (line) => core.info(plain(line)),
    warn: (line) => core.info(`! ${plain(line)}`),
    debug: (line) => core.debug(redactor.redact(line)),
    annotate: ({ level, place, title, message }) => {
      const write = level === 'warning' ? core.warning : core.notice;
      const at = place && { file: place.file, startLine: place.line, startColumn: place.column };
      write(redactor.redact(message), { title: redactor.redact(title), ...at });
    },
    group: (title, body) => core.group(plain(title), body),
  };
}

/** `::command::` at the start of a line, or `##[command]` anywhere, would be obeyed by the GitHub runner. */
function defuse(text: string): string {
  return text
    .replace(/^(\s*)::/gm, '$1: :')
    .replaceAll('##[', '# #[')
    .replaceAll('\r', '');
}
