import { formatDuration } from '@slipway/kernel';

/** `1 service`, `3 services`, `12 345 events`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${whole(amount)} ${amount === 1 ? noun : plural}`;
}

/** Digits in groups of three, separated by a narrow no-break space. */
function whole(amount: number): string {
  return Math.round(amount)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A fraction as a percentage with its significant digits: `0 %`, `0.042 %`, `1.3 %`, `100 %`. */
export function percent(fraction: number): string {
  const percentage = fraction * 100;
  if (percentage === 0) return '0 %';
  if (percentage < 0.001) return '< 0.001 %';
  return `${Number(percentage.toPrecision(percentage >= 99 ? 4 : 2))} %`;
}

/** A number of any size in a few characters: `0.02`, `3.1`, `250`. */
export function brief(value: number): string {
  if (value >= 100) return whole(value);
  return String(Number(value.toPrecision(2)));
}

export function bytes(amount: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, amount < 1 ? 0 : Math.floor(Math.log2(amount) / 10));
  return `${brief(amount / 1024 ** step)} ${units[step]}`;
}

/** `2026-03-01 14:05:09 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${clock(iso)} UTC`;
}

/** `14:05:09`. */
export function clock(iso: string): string {
  return iso.slice(11, 19);
}

export { formatDuration as duration };
