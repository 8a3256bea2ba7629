import { OutsideText, type Redactor } from '@slipway/kernel';
import { workingSession } from '@slipway/postgres';
import { quoteSql } from '@slipway/sql';
import type { Client } from 'pg';

interface Watched {
  observer: Client;
  redactor: Redactor;
}

/** Characters of a query of another session that a sentence quotes. */
const maxQueryLength = 120;

/** Who holds what the session waits for that runs our file. Values in the queries of others are blanked out. */
async function blockersOf({ observer, redactor }: Watched): Promise<string> {
  const { rows } = await observer.query(
    `SELECT pid, usename AS who, application_name AS name, state, date_trunc('second', now() - xact_start)::text AS since, query
     FROM pg_stat_activity
     WHERE pid IN (SELECT unnest(pg_blocking_pids(working.pid)) FROM (${workingSession}) working)`,
  );
  const safe = (text: unknown): OutsideText => OutsideText.of(String(text ?? ''), redactor);
  return rows
    .map(({ pid, who, name, state, since, query }) =>
      // What other users do is hidden from all but the members of pg_read_all_stats.
      state === null
        ? `session ${pid} of the user ${safe(who)}; its query is hidden: GRANT pg_read_all_stats TO the user that migrates`
        : `session ${pid} (${safe(name || 'unnamed')}, ${state}, for ${since}): ${safe(quoteSql(String(query ?? ''))).excerpt(maxQueryLength)}`,
    )
    .join('; ');
}

export interface BlockerWatch {
  /** Ends the watch. @returns who blocked us last; empty when nobody did. */
  stop(): Promise<string>;
}

/**
 * Remembers who blocked the worker: after the timeout nobody does.
 * @param onChange Gets each new answer during the wait.
 */
export function watchBlockers(
  { lockTimeoutMs, ...watched }: Watched & { lockTimeoutMs: number },
  onChange: (blocked: string) => void = () => {},
): BlockerWatch {
  let last = '';
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const found = await blockersOf(watched).catch(() => '');
    if (found !== '' && found !== last) onChange(found);
    if (found !== '') last = found;
    asking = undefined;
  };
  const timer = setInterval(
    () => {
      asking ??= ask();
    },
    Math.max(100, lockTimeoutMs / 3),
  );
  return {
    async stop() {
      clearInterval(timer);
      await asking;
      return last;
    },
  };
}
