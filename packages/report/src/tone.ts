/** How a state is shown. Always with a word, because many readers cannot see colours. */
export type Tone = 'good' | 'bad' | 'warning' | 'quiet';

const tones: Record<string, Tone> = {
  passed: 'good',
  failed: 'bad',
  inconclusive: 'bad',
  refused: 'warning',
  skipped: 'quiet',
  unknown: 'bad',
  waived: 'warning',
  manual: 'warning',
  deferred: 'quiet',
  applied: 'good',
  schema: 'good',
  pending: 'warning',
  rolled: 'good',
  unchanged: 'quiet',
  restored: 'warning',
  untouched: 'quiet',
  met: 'good',
  broken: 'bad',
  'no-evidence': 'bad',
};

/** The tone of an outcome or of a state in the evidence. An unknown state is bad. */
export function toneOf(state: string): Tone {
  return tones[state] ?? 'bad';
}

const symbols: Record<Tone, string> = { good: '✅', bad: '❌', warning: '⚠️', quiet: '➖' };

/** For Markdown, where there is no colour: `✅ passed`. */
export function markedState(state: string): string {
  return `${symbols[toneOf(state)]} ${state.replace('-', ' ')}`;
}

/** States that need a reader come first; the order among equals stays. */
export function worstFirst<Item extends { state: string }>(items: readonly Item[]): Item[] {
  const weight: Record<Tone, number> = { bad: 0, warning: 1, good: 2, quiet: 3 };
  return items.toSorted((a, b) => weight[toneOf(a.state)] - weight[toneOf(b.state)]);
}
