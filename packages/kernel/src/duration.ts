import { UserError } from './errors.ts';

/** Milliseconds. Written `500ms`, `90s`, `30m`, `1h30m`. */
export type Duration = number;

const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const grammar = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Reads `1h30m`, `90s`, `500ms`. @throws UserError for anything else, zero-length text included. */
export function parseDuration(text: string): Duration {
  const match = text === '' ? null : grammar.exec(text);
  if (!match) throw new UserError(`"${text}" is not a duration: write 90s, 30m, 1h30m or 500ms`);
  const [, h = '0', m = '0', s = '0', ms = '0'] = match;
  return Number(h) * units.h + Number(m) * units.m + Number(s) * units.s + Number(ms);
}

/** For people: `850 ms`, `4.2 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(ms: Duration): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return s > 0 ? `${m} min ${s} s` : `${m} min`;
}
