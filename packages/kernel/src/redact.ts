import { plainText } from './plain-text.ts';
import { encodedForms } from './secret-encodings.ts';

/** Values shorter than this are not masked: they would black out unrelated text and protect nothing. */
const minSecretLength = 4;

/**
 * Knows every secret of the step and blanks it out of whatever leaves: logs, summaries, reports, error messages.
 * Multi-line secrets are blanked line by line as well, URLs also by their password, raw and percent-decoded, and all of
 * them in every encoding that the GitHub runner masks.
 */
export class Redactor {
  /** Longest first. */
  #secrets: readonly string[] = [];
  readonly #forms = new Set<string>();
  #finder: RegExp | undefined;

  /** Adds a secret; text that was printed before is not changed by it. */
  add(value: string): void {
    const lines = value.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
    const parts = [value, ...lines, ...passwordsIn(value)].filter(isLongEnough);
    const unknown = parts.filter((part) => !this.#secrets.includes(part));
    if (unknown.length === 0) return;
    this.#secrets = [...new Set([...this.#secrets, ...unknown])].sort(byLengthDescending);
    for (const part of unknown) {
      // Text from outside is normalised before it is searched.
      for (const written of new Set([part, plainText(part)].filter(isLongEnough)))
        for (const form of encodedForms(written)) this.#forms.add(form);
    }
    this.#finder = undefined;
  }

  /** The secrets and their parts as they are, longest first, without their encodings. */
  values(): readonly string[] {
    return this.#secrets;
  }

  /** The text with `***` in the place of each secret; secrets that overlap are one. */
  redact(text: string): string {
    if (this.#forms.size === 0 || !this.#find().test(text)) return text;
    return blankRanges(
      text,
      [...this.#forms].flatMap((form) => rangesOf(form, text)),
    );
  }

  /** A quick check: one pass for all forms. */
  #find(): RegExp {
    this.#finder ??= new RegExp([...this.#forms].sort(byLengthDescending).map(escapeRegExp).join('|'));
    return this.#finder;
  }
}

type Range = readonly [start: number, end: number];

function rangesOf(form: string, text: string): Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    ranges.push([at, at + form.length]);
  return ranges;
}

function blankRanges(text: string, ranges: readonly Range[]): string {
  let redacted = '';
  let done = 0;
  let open = false;
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    if (!open || start >= done) redacted += `${text.slice(done, start)}***`;
    open = true;
    done = Math.max(done, end);
  }
  return redacted + text.slice(done);
}

function isLongEnough(text: string): boolean {
  return text.trim().length >= minSecretLength;
}

function byLengthDescending(a: string, b: string): number {
  return b.length - a.length;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function passwordsIn(value: string): string[] {
  const password = URL.parse(value)?.password;
  if (!password) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
