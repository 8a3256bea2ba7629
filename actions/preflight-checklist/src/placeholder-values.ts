/** Signs that somebody copied a template, or that a value was damaged in transit. The sentence follows the name. */
const signs: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/^\s*$/, 'is only white space'],
  [/^\uFEFF|[^\P{Cc}\t\r\n]/u, 'contains a byte order mark or control characters'],
  [/^\s|^[^\n]*\s$/, 'begins or ends with white space or a line break'],
  [/^(["'`]).*\1$/s, 'is wrapped in quotes, which would become part of the value'],
  [/\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|^\$[A-Z_][A-Z0-9_]*$/, 'contains a placeholder that was not replaced'],
  [/<[a-z][a-z0-9 _-]*>/i, 'contains a placeholder that was not replaced'],
  [/\byour[-_ ]([a-z0-9]+[-_ ])*(key|token|secret|password|url|host|id|value|here)\b/i, 'is a placeholder'],
  [/change[-_ ]?me|replace[-_ ]?me|\bfix[-_ ]?me\b|insert[-_ ].*[-_ ]here/i, 'is a placeholder'],
  [/^(x{3,}|\*{3,}|todo|tbd|dummy|placeholder|undefined|null)$/i, 'is a placeholder'],
  [/(\.{3}|…)$/, 'ends with "..." like an example'],
  [/\/\/user(name)?:password@/i, 'has the user and password of an example'],
];

/** What makes a value look like a placeholder, as the rest of a sentence that does not quote it; undefined when nothing does. */
export function placeholderProblem(value: string): string | undefined {
  return signs.find(([pattern]) => pattern.test(value))?.[1];
}
