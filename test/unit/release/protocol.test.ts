import { afterAll, describe, expect, test } from '@jest/globals';
import { explore } from '../../support/protocol/explore.ts';
import { mutants } from '../../support/protocol/mutants.ts';
import { scenarios } from '../../support/protocol/scenarios.ts';
import { shipped } from '../../support/protocol/subject.ts';

/** A machine that does other work at the same time takes many times as long. */
const timeoutMs = 600_000;

const lines: string[] = [];
const begunAt = performance.now();

afterAll(() => {
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  console.info([...lines, `${seconds} s in all`].join('\n'));
});

/** Explores and notes what was found, for the table at the end. */
function explored(title: string, ...given: Parameters<typeof explore>) {
  const start = performance.now();
  const found = explore(...given);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const trace = found.violation
    ? `: "${found.violation.what}" after ${found.violation.trace.length} steps`
    : '';
  lines.push(`${title}: ${found.states} states, ${found.ends} ends, ${seconds} s${trace}`);
  return found;
}

describe('every state that can be reached holds the invariants', () => {
  test.each(scenarios)(
    '$name',
    (scenario) => {
      const { violation, states } = explored(scenario.name, shipped, scenario);
      expect(violation).toBeNull();
      expect(states).toBeGreaterThan(10_000);
    },
    timeoutMs,
  );
});

describe('a cure that is taken out is noticed', () => {
  test.each(mutants)(
    '$name',
    ({ name, subject, scenario }) => {
      const where = scenarios.find((one) => one.name === scenario);
      if (!where) throw new Error(`there is no scenario ${scenario}`);
      expect(explored(name, subject, where).violation).not.toBeNull();
    },
    timeoutMs,
  );
});
