import { type Random, seeded } from './random.ts';

/**
 * What the run that is killed does: `good` is proven; `smoke` and `watch` are found bad there and rolled back; `rollback`
 * is a person's rollback of a proven release.
 */
export const stories = ['good', 'smoke', 'watch', 'rollback'] as const;
export type Story = (typeof stories)[number];

/** Who acts after the kill. */
const actors = ['rescue', 'rerun', 'next'] as const;
type Actor = (typeof actors)[number];

/** A change that an undisturbed run makes: the n-th of its kind in a step. */
export interface Boundary {
  step: string;
  kind: string;
  nth: number;
}

/** What an undisturbed run of a story did. */
export interface Reference {
  boundaries: readonly Boundary[];
  /** Its steps, and how long each took. */
  steps: readonly { step: string; ms: number }[];
}

/** Of the stories that are played. */
export type References = Readonly<Partial<Record<Story, Reference>>>;

/** When the run is killed. */
export type Moment =
  /** Around a change: before it, while it runs, or once it is done and the run does not know yet. */
  | { kind: 'boundary'; boundary: Boundary; when: 'before' | 'during' | 'after'; delayMs: number }
  | { kind: 'random'; step: string; afterMs: number };

export interface Case {
  number: number;
  story: Story;
  moment: Moment;
  actor: Actor;
  /** A second release waits for the lease while the first is killed. */
  waiting: boolean;
  /** How the next release comes by the lease: explicitly, or because two minutes have passed. */
  takesOver: boolean;
}

/** Of the kills, those at a random moment. */
const randomShare = 0.25;
/** A change takes about as long as this. */
const maxDelayMs = 150;

/** The cases of a seed, in their order. The same case comes out whichever others are played. Pure. */
export function planCase(seed: number, number: number, references: References): Case {
  const random = seeded(seed * 100_003 + number);
  const isRandom = random.fraction() < randomShare;
  const { story, moment } = isRandom
    ? randomMoment(random, references)
    : atBoundary(random, seed, number, references);
  return {
    number,
    story,
    moment,
    actor: random.pick(actors),
    waiting: random.fraction() < 0.5,
    takesOver: random.fraction() < 0.5,
  };
}

/** Every boundary comes before one comes again; the story is one of those that have it. */
function atBoundary(
  random: Random,
  seed: number,
  number: number,
  references: References,
): Pick<Case, 'story' | 'moment'> {
  const all = seeded(seed).shuffle(allBoundaries(references));
  const boundary = all[number % all.length];
  if (!boundary) throw new Error('no run changed anything');
  const story = random.pick(playedStories(references).filter((one) => has(references[one], boundary)));
  const when = random.pick(['before', 'during', 'after'] as const);
  return { story, moment: { kind: 'boundary', boundary, when, delayMs: random.fraction() * maxDelayMs } };
}

function randomMoment(random: Random, references: References): Pick<Case, 'story' | 'moment'> {
  const story = random.pick(playedStories(references));
  const steps = references[story]?.steps ?? [];
  // The run may be faster than the one that was recorded.
  let left = 0.8 * random.fraction() * steps.reduce((sum, { ms }) => sum + ms, 0);
  for (const { step, ms } of steps) {
    if (left < ms) return { story, moment: { kind: 'random', step, afterMs: left } };
    left -= ms;
  }
  return { story, moment: { kind: 'random', step: steps.at(-1)?.step ?? '', afterMs: 0 } };
}

/**
 * Every boundary that an undisturbed run of any story met, once. A lease is taken and renewed at the end of a step; how
 * often it is renewed in between depends on the speed of the machine. Pure.
 */
export function allBoundaries(references: References): Boundary[] {
  const all = stories.flatMap((story) => references[story]?.boundaries ?? []).filter(isSteady);
  return [...new Map(all.map((one) => [boundaryName(one), one])).values()];
}

function isSteady({ kind, nth }: Boundary): boolean {
  return kind !== 'lease held' || nth <= 2;
}

export function boundaryName({ step, kind, nth }: Boundary): string {
  return `${step}: ${kind}${nth > 1 ? ` (${nth})` : ''}`;
}

function playedStories(references: References): Story[] {
  return stories.filter((story) => references[story]);
}

function has(reference: Reference | undefined, boundary: Boundary): boolean {
  return reference?.boundaries.some((one) => boundaryName(one) === boundaryName(boundary)) ?? false;
}
