/** Values shorter than this are not masked: they would black out unrelated text and protect nothing. */
const shortestSecret = 4;

/**
 * Knows every secret of the step and blanks it out of whatever leaves: logs, summaries, reports, error messages.
 * Multi-line secrets are blanked line by line as well, URLs also by their password, raw and percent-decoded.
 */
export class Redactor {
  /** Longest first, so that a secret inside another does not leave the rest of it readable. */
  #secrets: readonly string[] = [];

  add(value: string): void {
    const parts = [value, ...value.split(/\r?\n/), ...passwordsIn(value)];
    const long = parts.filter((part) => part.trim().length >= shortestSecret);
    this.#secrets = [...new Set([...this.#secrets, ...long])].sort((a, b) => b.length - a.length);
  }

  /** Longest first. */
  values(): readonly string[] {
    return this.#secrets;
  }

  redact(text: string): string {
    return this.#secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  }

  /** Whether the text holds a secret: GitHub would silently drop a job output that does. */
  holdsSecret(text: string): boolean {
    return this.#secrets.some((secret) => text.includes(secret));
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
