import { describe, expect, test } from '@jest/globals';
import { type Bet, isBroken, openBet, placeBet } from '../../../packages/signals/src/watch/betting.ts';

/** A small seeded generator (mulberry32), so that every run simulates the same streams. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Samples until the alarm, or null. */
function alarm(bet: Bet, samples: number, fraction: (sample: number) => number | null): number | null {
  for (let sample = 0; sample < samples; sample++) {
    bet = placeBet(bet, fraction(sample));
    if (isBroken(bet)) return sample + 1;
  }
  return null;
}

const samples = 120;
const open = (objective = 0.01) => openBet(objective, 0.01, samples);

describe('the evidence', () => {
  test('is a fair game at the objective: its expectation over all outcomes stays 1', () => {
    // Every sequence of 12 samples that are all bad or all good, weighted by its probability at the objective.
    for (const objective of [0.01, 0.05, 0.4]) {
      let expected = 0;
      for (let outcomes = 0; outcomes < 2 ** 12; outcomes++) {
        let [bet, probability] = [openBet(objective, 0.01, 12), 1];
        for (let sample = 0; sample < 12; sample++) {
          const bad = (outcomes >> sample) % 2;
          probability *= bad ? objective : 1 - objective;
          bet = placeBet(bet, bad);
        }
        expect(bet.evidence).toBeGreaterThanOrEqual(0);
        expected += probability * bet.evidence;
      }
      expect(expected).toBeCloseTo(1, 9);
    }
  });

  test('is untouched by samples without events, and all money is staked at the end', () => {
    let bet = open();
    for (let sample = 0; sample < samples; sample++) bet = placeBet(bet, null);
    expect(bet.evidence).toBeCloseTo(1, 9);
    expect(bet.unstaked).toBeCloseTo(0, 9);
  });

  test('is the formula, by hand: objective 1 %, two samples with 50 % errors', () => {
    // Stakes 5 and 20; half of the money at the first sample, the other half at the second.
    const first = [0.5 * (1 + 5 * 0.49), 0.5 * (1 + 20 * 0.49)] as const;
    const second = [(first[0] + 0.5) * (1 + 5 * 0.49), (first[1] + 0.5) * (1 + 20 * 0.49)] as const;
    const one = placeBet(openBet(0.01, 0.01, 2), 0.5);
    expect(one.evidence).toBeCloseTo((first[0] + first[1]) / 2 + 0.5, 9);
    expect(placeBet(one, 0.5).evidence).toBeCloseTo((second[0] + second[1]) / 2, 9);
  });
});

/** Healthy services by requests a sample, fraction of errors between bursts and length of bursts of 5 % errors. */
const healthy: [string, number, number, number][] = [
  ['3 requests a sample, 0.3 % errors', 3, 0.003, 0],
  ['75 requests a sample, 0.8 % errors', 75, 0.008, 0],
  ['75 requests a sample, exactly 1 % errors', 75, 0.01, 0],
  ['40 requests a sample, 0.1 % errors, bursts of a sample', 40, 0.001, 1],
  ['75 requests a sample, 0.3 % errors, bursts of 4 samples', 75, 0.003, 4],
];

describe('at an accepted probability of 1 %, healthy services that are called broken are at most 1 % and what chance adds:', () => {
  test.each(healthy)('%s', (_name, requests, quiet, burst) => {
    const random = generator(20260301);
    const runs = 400;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      let bursting = 0;
      const at = alarm(open(), samples, () => {
        if (burst > 0 && bursting-- <= 0) bursting = random() < 0.02 / burst ? burst : 0;
        const fraction = burst > 0 && bursting > 0 ? 0.05 : quiet;
        let bad = 0;
        for (let request = 0; request < requests; request++) if (random() < fraction) bad++;
        return bad / requests;
      });
      if (at !== null) alarms++;
    }
    // Two standard deviations above the 4 that are accepted of 400.
    expect(alarms).toBeLessThanOrEqual(8);
  });

  test('the simulation sees a test that alarms too often', () => {
    const random = generator(1);
    const eager = () => openBet(0.01, 0.9, samples);
    let alarms = 0;
    for (let run = 0; run < 200; run++)
      if (alarm(eager(), samples, () => (random() < 0.01 ? 1 : 0)) !== null) alarms++;
    expect(alarms).toBeGreaterThan(8);
  });
});

describe('samples until a broken service is found', () => {
  test.each<[number, number, number, number | null]>([
    // fraction of errors, sample of onset, objective, samples from the onset
    [1, 0, 0.01, 2],
    [0.5, 0, 0.01, 3],
    [0.2, 0, 0.01, 4],
    [0.05, 0, 0.01, 11],
    [1, 80, 0.01, 3],
    [0.2, 80, 0.01, 6],
    [0.05, 80, 0.01, 16],
    [0.01, 0, 0.01, null],
    [1, 0, 0.05, 4],
    [0.3, 0, 0.05, 9],
    [0.05, 0, 0.05, null],
  ])('%d from sample %d on, objective %d: %j', (fraction, onset, objective, expected) => {
    const found = alarm(open(objective), samples, (sample) => (sample < onset ? 0 : fraction));
    expect(found === null ? null : found - onset).toBe(expected);
  });
});
