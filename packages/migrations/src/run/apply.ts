import { isConnectionLost } from '@slipway/postgres';
import type { ApplyTarget } from './apply-target.ts';
import { AttemptError, retryContention } from './retry.ts';
import { type Progress, sendScript } from './script-query.ts';
import { isContention, type SentFile } from './statement-error.ts';
import { type FileTransaction, type SentPart, type SentText, transactionText } from './transaction-text.ts';

/** What may go with files that are sent. */
export interface SendOptions {
  /** Their text, when it was made before. */
  sent?: SentText | undefined;
  /** Gets how many more are committed. */
  onCommitted?(count: number): void;
  /** Called when they are on their way: the server has something to do, and we have time. */
  onSent?(): void;
}

/**
 * Runs files one after the other, each in a transaction, all in one round trip. Waiting for a lock gives up after
 * `lockTimeoutMs`, so that the queries after ours in the queue do not wait with us, and is tried again from the file
 * that waited; anything else that fails is final.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the last transaction came
 * through is then asked from the version table, not guessed from the error.
 */
export async function applyFiles(
  target: ApplyTarget,
  files: readonly FileTransaction[],
  { onCommitted, onSent, sent = transactionText(target, files) }: SendOptions = {},
): Promise<void> {
  let next = 0;
  while (next < files.length) {
    const left = files.slice(next);
    const first = left[0] as FileTransaction;
    await retryContention(target, first.file, async () => {
      const progress: Progress = { completed: 0, committed: 0 };
      const { text, copies, parts } = next === 0 ? sent : transactionText(target, left);
      try {
        const sending = sendScript(target.worker, text, copies, progress);
        onSent?.();
        await sending;
      } catch (error) {
        if (!target.signal.aborted) await target.worker.query('ROLLBACK').catch(() => undefined);
        const at = progress.committed;
        if (isLostUnheard(error)) throw new AttemptError(error, lostSentFile(left));
        if (at === 0 || !isContention(error))
          throw new AttemptError(error, sentFile(left, parts, text, { ...progress, error }));
      } finally {
        next += progress.committed;
        if (progress.committed > 0) onCommitted?.(progress.committed);
      }
    });
  }
}

/** The server reports what it has done only now and then: which file was running when it was lost, nobody knows. */
function lostSentFile(left: readonly FileTransaction[]): SentFile {
  const [first, last] = [left.at(0)?.file ?? '', left.at(-1)?.file ?? ''];
  const file = first === last ? first : `one of ${first} to ${last}`;
  return { file, sql: '', text: '', start: 0, cuts: [], completed: 0 };
}

/** A server that closes a connection says so after all that it has done; a line that is cut gives no notice. */
function isLostUnheard(error: unknown): boolean {
  return isConnectionLost(error) && !String((error as { code?: string }).code).startsWith('57P');
}

/**
 * The file that failed. The server reads the whole text before it runs the first statement: while nothing is done, the
 * position of the error decides.
 */
function sentFile(
  files: readonly FileTransaction[],
  parts: readonly SentPart[],
  text: string,
  { completed, committed, error }: Progress & { error: unknown },
): SentFile {
  const position = Number((error as { position?: string }).position ?? 0);
  const unread = completed === 0 && committed === 0;
  const at = unread
    ? Math.max(
        0,
        parts.findLastIndex(({ start }) => start < position),
      )
    : committed;
  const { file = '', sql = '' } = files[at] ?? {};
  const { start = 0, prelude = 0, cuts = [] } = parts[at] ?? {};
  return { file, sql, text, start, cuts, completed: unread ? 0 : completed - prelude };
}
