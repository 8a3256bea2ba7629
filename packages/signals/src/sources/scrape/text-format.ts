import type { SeriesValue } from '../source.ts';

const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\}[ \t]*|[ \t])(\S+)(?:[ \t]+-?\d+(?:\.\d+)?)?(?:[ \t]+# \{.*)?[ \t]*$/;
const label = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\["\\n])*)"[ \t]*(?:,|$)/y;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const special: Record<string, number> = {
  NaN: Number.NaN,
  Inf: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/**
 * Reads the Prometheus text format, version 0.0.4. `show` makes a line of it safe for a message. Comments, types and time stamps are skipped, exemplars cut off.
 * @throws Error that names the first malformed line, and when there is no value at all: a page that cannot be read as a
 * whole proves nothing.
 */
export function parsePrometheusText(text: string, show: (line: string) => string): SeriesValue[] {
  const samples: SeriesValue[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const sample = parseSample(line.trimStart());
    if (!sample) throw new Error(`line ${at + 1} is not in the Prometheus text format: ${show(line)}`);
    samples.push(sample);
  }
  if (samples.length === 0) throw new Error('the page has no values');
  return samples;
}

function parseSample(line: string): SeriesValue | null {
  const [, name, inBraces = '', number = ''] = sampleLine.exec(line) ?? [];
  const labels = parseLabels(inBraces);
  const value = special[number] ?? (decimal.test(number) ? Number(number) : undefined);
  return name === undefined || labels === null || value === undefined ? null : { name, labels, value };
}

function parseLabels(text: string): Record<string, string> | null {
  const labels = new Map<string, string>();
  const end = text.trimEnd().length;
  for (label.lastIndex = 0; label.lastIndex < end; ) {
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined || labels.has(name)) return null;
    labels.set(
      name,
      value.replace(/\\(.)/g, (_escape, character) => (character === 'n' ? '\n' : character)),
    );
  }
  return Object.fromEntries(labels);
}
