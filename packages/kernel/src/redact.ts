/** Values shorter than this are not masked: they would black out unrelated text and protect nothing. */
const shortestSecret = 4;

/**
 * Knows every secret of the step and blanks it out of whatever leaves: logs, summaries, reports, error messages.
 * Multi-line secrets are blanked line by line as well, URLs also by their password, raw and percent-decoded.
 */
export class Redactor {
  readonly #secrets = new Set<string>();

  add(value: string): void {
    for (const part of [value, ...value.split(/\r?\n/), ...passwordsIn(value)]) {
      if (part.trim().length >= shortestSecret) this.#secrets.add(part);
    }
  }

  /** Longest first, so that a secret inside another does not leave the rest of it readable. */
  values(): string[] {
    return [...this.#secrets].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    return this.values().reduce((left, secret) => left.replaceAll(secret, '***'), text);
  }

  /** Whether the text holds a secret: GitHub would silently drop a job output that does. */
  holdsSecret(text: string): boolean {
    return this.values().some((secret) => text.includes(secret));
  }
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
