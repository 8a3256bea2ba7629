import type { Migration } from '../formats/format.ts';

/** Numbers above this are timestamps, which have gaps by nature. */
const maxSequential = 99_999n;

/**
 * Numbers that are missing between files that are numbered one by one: a file that a merge has lost, or that was
 * deleted. None for timestamps and names. Pure.
 */
export function numberingGaps(migrations: readonly Pick<Migration, 'version' | 'kind'>[]): string[] {
  const versions = migrations.filter(({ kind }) => kind === 'versioned').map(({ version }) => version);
  if (!versions.every((version) => /^\d+$/.test(version))) return [];
  const numbers = versions.map(BigInt);
  const neighbours = numbers.filter(
    (number, index) => index > 0 && number === (numbers[index - 1] ?? 0n) + 1n,
  );
  // Some teams number by tens: most must follow each other before a gap means anything.
  if (numbers.some((number) => number > maxSequential) || neighbours.length * 2 < numbers.length - 1)
    return [];
  return numbers.flatMap((number, index) => {
    const before = numbers[index - 1];
    if (before === undefined || number === before + 1n) return [];
    const [from, to] = [before + 1n, number - 1n];
    const shown = (one: bigint): string => one.toString().padStart(versions[index]?.length ?? 0, '0');
    return [from === to ? shown(from) : `${shown(from)} to ${shown(to)}`];
  });
}
