import type { ReleasedService, ReleaseEntry } from '@slipway/release';

const at = '2026-11-24T00:00:00.000Z';

/** A release in the state of a target; what a test does not care about has a plain value. */
export function releaseEntry(given: Partial<ReleaseEntry> & Pick<ReleaseEntry, 'sequence'>): ReleaseEntry {
  const { sequence } = given;
  const version = given.version ?? `${sequence}.0.0`;
  return {
    id: `${version}-1`,
    version,
    commit: 'c0ffee',
    run: { id: '1', attempt: '1', actor: 'sam', url: '' },
    phase: 'proven',
    begunAt: at,
    changedAt: at,
    provenAt: given.phase === undefined || given.phase === 'proven' ? at : null,
    services: {},
    previous: {},
    previousSequence: sequence > 1 ? sequence - 1 : null,
    restoredSequence: null,
    database: 'none',
    ...given,
  };
}

/**
 * The release with an image of a service that is nowhere: in what it runs, or while it is unfinished in what it goes back
 * to.
 */
export function withoutImage(entry: ReleaseEntry, service: string): ReleaseEntry {
  const lose = <One extends ReleasedService | null>(services: Record<string, One>): Record<string, One> => {
    const one = services[service];
    if (!one) return services;
    const image = { ...one.image, digest: `sha256:${'a'.repeat(64)}` };
    return { ...services, [service]: { ...one, image } };
  };
  if (entry.phase === 'serving') return { ...entry, previous: lose(entry.previous) };
  return { ...entry, services: lose(entry.services) };
}
