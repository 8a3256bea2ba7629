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
  /** Every form of a secret, with the name of the secret. */
  readonly #forms = new Map<string, string>();
  /** What GitHub masks and this does not: it may be a word of every text. */
  readonly #maskedElsewhere = new Map<string, string>();
  #finder: RegExp | undefined;

  /** Adds a secret under a name that errors may show; text that was printed before is not changed by it. */
  add(value: string, name = 'a secret'): void {
    const unknown = partsOf(value).filter((part) => isLongEnough(part) && !this.#secrets.includes(part));
    if (unknown.length === 0) return;
    this.#secrets = [...new Set([...this.#secrets, ...unknown])].sort(byLengthDescending);
    for (const part of unknown) {
      // Text from outside is normalised before it is searched.
      for (const written of new Set([part, plainText(part)].filter(isLongEnough)))
        for (const form of encodedForms(written)) if (!this.#forms.has(form)) this.#forms.set(form, name);
    }
    this.#finder = undefined;
  }

  /** Notes a value that GitHub may mask, such as a user name: it is not blanked here, but `find` knows it. */
  note(value: string, name: string): void {
    for (const part of partsOf(value).filter((one) => one.trim() !== ''))
      for (const form of encodedForms(part)) this.#maskedElsewhere.set(form, name);
  }

  /** The name of a secret that occurs in the text in any form, however short; undefined when none does. */
  find(text: string): string | undefined {
    for (const [form, name] of [...this.#forms, ...this.#maskedElsewhere])
      if (text.includes(form)) return name;
    return undefined;
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
      [...this.#forms.keys()].flatMap((form) => rangesOf(form, text)),
    );
  }

  /** A quick check: one pass for all forms. */
  #find(): RegExp {
    this.#finder ??= new RegExp([...this.#forms.keys()].sort(byLengthDescending).map(escapeRegExp).join('|'));
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

function partsOf(value: string): string[] {
  return [value, ...value.split(/\r\n|[\n\r\u0085\u2028\u2029]/), ...passwordsIn(value)];
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
