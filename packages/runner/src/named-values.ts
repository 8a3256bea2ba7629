import { UserError } from '@slipway/kernel';

/** What the values come in: the variable of the step, as errors name it. */
type Source = 'SLIPWAY_ENV' | 'SLIPWAY_SECRETS';

const assignment = /^(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
const quotes = /^["'`]/;

/**
 * The values of a text that is an object of JSON, or lines NAME=value. Values are whole: without quotes to the end of
 * the line whatever is in it, in quotes over several lines. Lines that begin with # are comments; nothing else is
 * skipped. @throws UserError that names a line by its number, never by its text, for the text may be a secret.
 */
export function parseNamedValues(source: Source, text: string): Record<string, string> {
  return text.trimStart().startsWith('{') ? parseObject(source, text) : parseLines(source, text);
}

function parseObject(source: Source, text: string): Record<string, string> {
  const value = parseJson(source, text);
  const entries = Object.entries(value ?? {});
  const wrong = entries.find(([name, item]) => typeof item !== 'string' || !assignment.test(`${name}=`));
  if (!wrong) return Object.fromEntries(entries) as Record<string, string>;
  const at = entries.indexOf(wrong) + 1;
  throw unreadable(source, `its entry ${at} is not a name with a text`, 'Write {"NAME": "value"}.');
}

function parseJson(source: Source, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The error quotes the text: only its position is taken from it.
    const position = /\(line \d+ column \d+\)/.exec(String(error))?.[0] ?? '';
    throw unreadable(source, `it begins with { and is not JSON ${position}`.trim(), hint);
  }
}

const hint =
  'Write NAME=value, a value over several lines in quotes, or the whole as an object of JSON: {"NAME": "value"}.';

function parseLines(source: Source, text: string): Record<string, string> {
  const lines = text.split(/\r?\n/);
  const values: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = assignment.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw unreadable(source, `line ${at + 1} is not NAME=value`, hint);
    const quote = quotes.exec(value)?.[0];
    if (quote === undefined) values[name] = value;
    else {
      const end = lineOfEnd(lines, at, value, quote);
      if (end === null) throw unreadable(source, `line ${at + 1} does not end its quotes`, quoteHint);
      const whole = [value, ...lines.slice(at + 1, end + 1)].join('\n').trimEnd();
      values[name] = unquote(whole, quote);
      at = end;
    }
  }
  return values;
}

const quoteHint =
  'End the value with the quote that it begins with, and write nothing after it. Put a value that begins with a quote into quotes of another kind.';

/** The line on which a quoted value ends; null when it ends nowhere, or something comes after its end. */
function lineOfEnd(lines: readonly string[], begin: number, value: string, quote: string): number | null {
  const rest = value.slice(1).trimEnd();
  if (rest.endsWith(quote)) return begin;
  if (rest.includes(quote)) return null;
  const more = lines.slice(begin + 1).findIndex((line) => line.trimEnd().endsWith(quote));
  return more < 0 ? null : begin + 1 + more;
}

/** In double quotes, `\n` is the end of a line and `\"` a quote, as in most env files. */
function unquote(value: string, quote: string): string {
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replaceAll('\\n', '\n').replaceAll('\\"', '"') : inner;
}

function unreadable(source: Source, why: string, what: string): UserError {
  return new UserError(`cannot read ${source}: ${why}`, { hint: what });
}
