import { Cancelled } from '@slipway/kernel';
import { asDatabaseError } from '@slipway/postgres';
import { applyFiles, type SendOptions } from './apply.ts';
import type { ApplyTarget } from './apply-target.ts';
import { applySteps } from './steps.ts';
import {
  type FileTransaction,
  type RunSettings,
  type SentText,
  transactionText,
} from './transaction-text.ts';
import type { Work } from './work.ts';

/** Bytes of SQL, and files, that are sent at once: enough to make the line's delay small, and reported soon. */
const maxBatch = { characters: 256 * 1024, files: 25 };

/**
 * Puts neighbours together that can be sent at once: migrations that are a transaction each. Pure.
 */
export function batchWork(work: readonly Work[]): Work[][] {
  const batches: Work[][] = [];
  let characters = 0;
  for (const one of work) {
    const last = batches.at(-1);
    characters += sizeOf(one);
    const fits = last && last.length < maxBatch.files && characters <= maxBatch.characters;
    if (fits && isBatchable(one) && last.every(isBatchable)) last.push(one);
    else {
      batches.push([one]);
      characters = sizeOf(one);
    }
  }
  return batches;
}

function isBatchable({ how, as }: Work): boolean {
  return how.mode === 'transaction' && as.kind === 'migration';
}

function sizeOf({ how }: Work): number {
  return how.mode === 'transaction' ? how.transaction.sql.length : 0;
}

/** The text of a batch, for `runBatch`; undefined of one that is sent statement by statement. Pure. */
export function textOfBatch(settings: RunSettings, batch: readonly Work[]): SentText | undefined {
  const transactions = transactionsOf(batch);
  return transactions.length > 0 ? transactionText(settings, transactions) : undefined;
}

function transactionsOf(batch: readonly Work[]): FileTransaction[] {
  return batch.flatMap(({ how }) => (how.mode === 'transaction' ? [how.transaction] : []));
}

/** Runs a batch; `onCommitted` counts pieces of it, in their order. @throws Fault, Cancelled */
export async function runBatch(
  target: ApplyTarget,
  batch: readonly Work[],
  { onCommitted, ...sending }: SendOptions = {},
): Promise<void> {
  const [first] = batch;
  let running = 0;
  try {
    if (first?.how.mode === 'steps') {
      await applySteps(target, first.how.steps);
      onCommitted?.(1);
    } else {
      await applyFiles(target, transactionsOf(batch), {
        ...sending,
        onCommitted(count) {
          running += count;
          onCommitted?.(count);
        },
      });
    }
  } catch (error) {
    const file = batch[running]?.file ?? '';
    if (target.signal.aborted) throw new Cancelled(file);
    throw asDatabaseError(error, file);
  }
}

/** Runs one piece of work alone. @returns milliseconds. @throws Fault, Cancelled */
export async function runWork(target: ApplyTarget, work: Work): Promise<number> {
  const begun = target.clock.monotonic();
  await runBatch(target, [work]);
  return target.clock.monotonic() - begun;
}
