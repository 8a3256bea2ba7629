/** A name that says that its value is a secret, up to where the value begins. */
const secretName =
  /\b[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]*\\*["']?\s*[=:]\s*/
    .source;
/** Quoted, quoted within a quoted text, cut off within quotes, or bare. */
const value = /"(?:\\.|[^"\\\n]){4,}"|'(?:\\.|[^'\\\n]){4,}'|\\*["']?[^\s"',;}\\]{4,}/.source;

/** What looks like a secret although nobody named it as one. `*` belongs to values of which a part is blanked already. */
const shapes: readonly [RegExp, string][] = [
  [
    /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$(?![\s\S]))/g,
    '$1 ***',
  ],
  [/\b(bearer|basic)\s+[\w.~+/=*-]{8,}/gi, '$1 ***'],
  [/\beyJ[\w*-]{8,}\.[\w*-]{8,}\.[\w*-]*/g, '***'],
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, '$1:***@'],
  [new RegExp(`(${secretName})(?:${value})`, 'gi'), '$1***'],
  [
    /\b(?:gh[pousr]_|github_pat_|glpat-|npm_|xox[abeprs]-|sk-|sk_live_|rk_live_|AKIA|ASIA|AIza)[\w*-]{12,}/g,
    '***',
  ],
  // A line of a key whose beginning is out of sight.
  [/^(?=[^\n]*[G-Zg-z+/])[A-Za-z0-9+/]{60,}={0,2}$/gm, '***'],
];

/** The text without what looks like a secret. */
export function blankSecretShapes(text: string): string {
  return shapes.reduce((left, [shape, instead]) => left.replace(shape, instead), text);
}
