import type { ReleaseRecord } from '../record.ts';
import type { ReleaseEntry, SmokeProof } from './release-entry.ts';

/** Of a name, and of the names of a release: more the state does not hold. */
const maxName = 300;
const maxNames = 500;

/** What the last smoke test of a record proved; undefined when there was none, or when the record does not have it any more. Pure. */
export function smokeProofOf({ phases }: Pick<ReleaseRecord, 'phases'>): SmokeProof | undefined {
  const evidence = phases.findLast(({ name }) => name === 'smoke-test')?.evidence;
  if (evidence?.kind !== 'smoke') return undefined;
  const passed = evidence.checks.filter(({ state }) => state === 'passed').slice(0, maxNames);
  return {
    version: evidence.consensus !== null,
    checks: passed.map(({ name }) => name.slice(0, maxName)),
  };
}

/**
 * Whether a check of today's configuration is one that a release passed when it was proven. Where that is not known, each
 * counts. Pure.
 */
export function hasPassed({ smoke }: Pick<ReleaseEntry, 'smoke'>, check: string): boolean {
  return smoke === undefined || smoke.checks.includes(check.slice(0, maxName));
}
