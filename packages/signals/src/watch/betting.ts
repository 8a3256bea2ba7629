/** Sizes of the bets against the objective, as shares of 1/objective. Above 0.2, short bursts look like a broken release. */
const stakes = [0.05, 0.2];

/**
 * A bet against "the expected fraction of bad events is at most the objective in every sample". Its evidence is a
 * nonnegative supermartingale that starts at 1 as long as that is true, so that it ever reaches 1/level with a
 * probability of at most `level`, however often it is checked (Ville). Nothing is assumed about requests within a sample.
 */
export interface Bet {
  readonly objective: number;
  /** The objective counts as broken once the evidence reaches this. */
  readonly bar: number;
  /** Samples that the money is spread over. */
  readonly maxSteps: number;
  readonly step: number;
  /** Money that is not staked yet. */
  readonly unstaked: number;
  /** What each stake has become. */
  readonly wealth: readonly number[];
  readonly evidence: number;
  /** The most evidence so far. */
  readonly maxEvidence: number;
}

/** @param level accepted probability that an objective which is met is called broken in any sample. */
export function openBet(objective: number, level: number, maxSteps: number): Bet {
  const wealth = stakes.map(() => 0);
  return { objective, bar: 1 / level, maxSteps, step: 0, unstaked: 1, wealth, evidence: 1, maxEvidence: 1 };
}

/**
 * The bet after one more sample. Half of the money is staked on the first sample and the rest in equal parts on the
 * others, so that a regression that starts late is found as well. Capped betting on means: Waudby-Smith and Ramdas,
 * arXiv 2010.09686; the mixture over the time of onset: Shin, Ramdas and Rinaldo, arXiv 2203.03532.
 * @param fraction of events that were bad; null for a sample without events, which changes nothing.
 */
export function placeBet(bet: Bet, fraction: number | null): Bet {
  const due = bet.step === 0 ? 0.5 : 0.5 / (bet.maxSteps - 1);
  const stake = Math.min(bet.unstaked, due);
  const surprise = fraction === null ? 0 : Math.min(1, Math.max(0, fraction)) - bet.objective;
  const wealth = bet.wealth.map(
    (money, at) => (money + stake) * (1 + ((stakes[at] ?? 0) / bet.objective) * surprise),
  );
  const unstaked = bet.unstaked - stake;
  const evidence = wealth.reduce((sum, money) => sum + money, 0) / wealth.length + unstaked;
  return {
    ...bet,
    step: bet.step + 1,
    unstaked,
    wealth,
    evidence,
    maxEvidence: Math.max(bet.maxEvidence, evidence),
  };
}

export function isBroken(bet: Bet): boolean {
  return bet.maxEvidence >= bet.bar;
}
