import { applyEvent, encodeState, parseState, type ReleaseEntry, type TargetState } from '@slipway/release';
import { releaseEntry } from './releases.ts';

/** What release `sequence` makes of the service `web`. */
export const service = (sequence: number) => ({
  image: { repository: 'r/web', tag: null, digest: `sha256:${sequence}` },
  release: `${sequence}.0.0-1`,
});

/** A release with one service, after the release with the sequence number before it. */
export function entry(
  sequence: number,
  phase: ReleaseEntry['phase'],
  changes: Partial<ReleaseEntry> = {},
): ReleaseEntry {
  const hasRolled = phase !== 'begun' && phase !== 'migrated';
  const services = hasRolled ? { web: service(sequence) } : {};
  const previous = hasRolled ? { web: sequence > 1 ? service(sequence - 1) : null } : {};
  return releaseEntry({ sequence, phase, services, previous, ...changes });
}

/** @param releases Newest first. */
export function state(...releases: ReleaseEntry[]): TargetState {
  const sequence = releases[0]?.sequence ?? 0;
  return { app: 'shop', environment: 'production', fence: 1, sequence, releases, unreadable: [] };
}

/** The state after an event, as the target holds it. */
export const after = (before: TargetState, event: Parameters<typeof applyEvent>[1]): TargetState => {
  const decision = applyEvent(before, event, new Date());
  if (decision.kind !== 'changed') throw new Error(decision.kind);
  return parseState(encodeState(decision.state, ''), 'shop', 'production');
};
