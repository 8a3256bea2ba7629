import { type Log, type OutsideText, plainText, type Redactor } from '@slipway/kernel';
import * as core from './commands.ts';

/** The log of a step. Lines from outside cannot be workflow commands, and hold no secret. */
export function stepLog(redactor: Redactor): Log {
  const safe = (text: string | OutsideText): string => redactor.redact(plainText(String(text)));
  const line = (text: string | OutsideText): string => defuse(safe(text));
  return {
    info: (text) => core.info(line(text)),
    warn: (text) => core.info(`! ${line(text)}`),
    debug: (text) => core.debug(safe(text)),
    annotate: ({ level, location, title, message }) => {
      const write = level === 'warning' ? core.warning : core.notice;
      const at = location && { file: location.file, startLine: location.line, startColumn: location.column };
      write(safe(message), { title: safe(title), ...at });
    },
    group: (title, body) => core.group(line(title), body),
  };
}

/**
 * `::command::` at the start of a line, or `##[command]` anywhere in it, would be obeyed by the GitHub runner. It skips
 * every kind of space before the first, and characters that take no room within both.
 */
function defuse(text: string): string {
  return text
    .replace(/^([\s\p{Default_Ignorable_Code_Point}]*):\p{Default_Ignorable_Code_Point}*:/gmu, '$1: :')
    .replace(/#\p{Default_Ignorable_Code_Point}*#\p{Default_Ignorable_Code_Point}*\[/gu, '# #[');
}
