import type { JournalRow } from '@slipway/migrations';

/** What the journal holds of a migration that release r ran a minute ago, from the file with this text. */
export function noted(version: string, sha256 = 'text', release = 'r'): JournalRow {
  return {
    version,
    sha256,
    release,
    finished: true,
    step: 0,
    inFlight: false,
    done: null,
    contract: null,
    startedAt: '2026-01-01 00:00:00',
    finishedAt: '2026-01-01 00:00:00',
    ageSeconds: 60,
  };
}
