import { UserError } from '@slipway/kernel';
import type { Stamp, StampedService } from '@slipway/platform';

/** Where a rollback goes. */
export type RollbackTarget =
  | {
      kind: 'nothing';
      reason: string /** The newest release is the one that may be put back, and it is verified. */;
      verified: boolean;
    }
  | {
      kind: 'restore';
      /** The stamp of the release that is rolled back. */
      from: Stamp;
      /** Version that serves again, null when Slipway did not deploy it. */
      version: string | null;
      services: Record<string, StampedService | null>;
      /** The newest release since then that contracted the schema, whatever its outcome: migrations stay. */
      contracted: Stamp | null;
      /**
       * The stamp by which what is restored was verified; when it has none, that of the release that replaced it. null when
       * nothing is restored.
       */
      proof: Stamp | null;
    };

/**
 * Chooses what to restore, from the stamps alone (newest first). Pure.
 * @param to `own`, `unfinished`, `previous`, a version or a release id.
 * @param only With `own` and `unfinished`: the release that may be put back, so that a late rescue never touches a newer one.
 * @throws UserError when the release that was asked for is not stamped.
 */
export function chooseTarget(stamps: readonly Stamp[], to: string, only?: string): RollbackTarget {
  const newest = stamps[0];
  if (to === 'own' || to === 'unfinished') return unfinished(newest, stamps, only);
  if (!newest)
    throw new UserError('no release of Slipway is stamped on the target: there is nothing to roll back to');
  const found = stamps.find((stamp) => stamp.state === 'verified' && matches(stamp, newest, to));
  if (!found) {
    const known = [
      ...new Set(stamps.filter(({ state }) => state === 'verified').map(({ version }) => version)),
    ];
    const what =
      to === 'previous' ? 'no verified release before the one that runs' : `no verified release "${to}"`;
    throw new UserError(`there is ${what} on the target`, {
      hint:
        known.length > 0
          ? `Known verified releases: ${known.join(', ')}.`
          : 'There are no verified releases.',
    });
  }
  return {
    kind: 'restore',
    from: newest,
    version: found.version,
    services: { ...found.services },
    contracted: contractedBefore(stamps, stamps.indexOf(found)),
    proof: found,
  };
}

/** The first contraction among the stamps that are newer than the one at `index`. */
function contractedBefore(stamps: readonly Stamp[], index: number): Stamp | null {
  return stamps.slice(0, index).find(({ database }) => database === 'contract') ?? null;
}

/** The index of the stamp by which all services were verified; the number of stamps when one is not stamped. */
function verifiedAt(stamps: readonly Stamp[], services: readonly StampedService[]): number {
  const indexes = services.map((service) =>
    stamps.findIndex(({ state, release }) => state === 'verified' && release === service.release),
  );
  return indexes.some((index) => index < 0) ? stamps.length : Math.max(...indexes);
}

function unfinished(
  newest: Stamp | undefined,
  stamps: readonly Stamp[],
  only: string | undefined,
): RollbackTarget {
  if (!newest) return { kind: 'nothing', reason: 'no release was started on this target', verified: false };
  if (only !== undefined && newest.release !== only) {
    return {
      kind: 'nothing',
      reason: `${only} changed nothing here; the newest release on the target is ${newest.release}`,
      verified: false,
    };
  }
  if (newest.state !== 'started') {
    const how = newest.state === 'verified' ? 'is verified' : 'was already rolled back';
    const verified = newest.state === 'verified';
    return { kind: 'nothing', reason: `the newest release ${newest.version} ${how}`, verified };
  }
  const back = Object.values(newest.previous).filter((service) => service !== null);
  const at = verifiedAt(stamps, back);
  return {
    kind: 'restore',
    from: newest,
    version: versionOf(newest.previous, stamps),
    services: { ...newest.previous },
    // When nothing is restored, nothing has to run on the schema.
    contracted: back.length > 0 ? contractedBefore(stamps, at) : null,
    proof: back.length > 0 ? (stamps[at] ?? newest) : null,
  };
}

function matches(stamp: Stamp, newest: Stamp, to: string): boolean {
  if (to !== 'previous') return stamp.version === to.replace(/^v(?=\d)/, '') || stamp.release === to;
  return !Object.entries(stamp.services).every(
    ([name, { release }]) => running(newest)[name]?.release === release,
  );
}

/** What runs according to a stamp: its own services, or after a rollback those that it had replaced. */
function running(stamp: Stamp): Record<string, StampedService | null> {
  return stamp.state === 'restored' ? stamp.previous : stamp.services;
}

function versionOf(services: Stamp['previous'], stamps: readonly Stamp[]): string | null {
  const release = Object.values(services).find((service) => service !== null)?.release;
  return stamps.find((stamp) => stamp.release === release)?.version ?? null;
}
