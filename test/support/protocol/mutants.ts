import { protocolMutants } from './protocol-mutants.ts';
import { type ClientRules, type Mutant, type Subject, shipped } from './subject.ts';

const { freeLease, renewLease, takeLease } = shipped;

function without(rule: keyof ClientRules): Subject {
  return { ...shipped, rules: { ...shipped.rules, [rule]: false } };
}

/** One for each rule of the clients, and for each cure in the lease. */
const clientMutants: readonly Mutant[] = [
  {
    name: 'what may not run on the schema is restored',
    subject: without('respectsSchema'),
    scenario: 'a contracted schema',
  },
  {
    name: 'a rescue does not name its release',
    subject: without('namesOwnRelease'),
    scenario: 'a release, its rescue and another release',
  },
  { name: 'writes do not compare and swap', subject: without('comparesAndSwaps'), scenario: 'two releases' },
  {
    name: 'the fencing number is not checked',
    subject: without('checksFence'),
    scenario: 'two releases',
  },
  {
    name: 'a new holder does not write its fencing number first',
    subject: without('writesFence'),
    scenario: 'two releases',
  },
  {
    name: 'a holder works on although its lease may have expired',
    subject: without('fencesItself'),
    scenario: 'two releases',
  },
  { name: 'a phase is written after its act', subject: without('writesAhead'), scenario: 'two releases' },
  {
    name: 'a release is proven before its watch',
    subject: without('watchesFirst'),
    scenario: 'two releases',
  },
  {
    name: 'a rollback is written down before it has happened',
    subject: without('restoresFirst'),
    scenario: 'two releases',
  },
  {
    name: 'migrations are said to be taken back before they are',
    subject: without('revertsFirst'),
    scenario: 'a contracted schema that is taken back',
  },
  {
    name: 'it is not written down that a backup takes the place of the database',
    subject: without('marksSwap'),
    scenario: 'a database that a rollback restores',
  },
  {
    name: 'a rollback is called off although it has replaced a service',
    subject: without('seesWhole'),
    scenario: 'two services and a rollback that cannot be done',
  },
  {
    name: 'there is no lease',
    subject: {
      ...shipped,
      takeLease: (current, request) => takeLease(current, { ...request, takeOver: true }),
    },
    scenario: 'two releases',
  },
  {
    name: 'the jobs of a run take the lease from each other while they are at work',
    subject: {
      ...shipped,
      takeLease: (current, request) => takeLease(current && { ...current, idle: true }, request),
    },
    scenario: 'a release on a machine that was taken for lost, and its rescue',
  },
  {
    name: 'an earlier attempt takes the lease from a later one',
    subject: {
      ...shipped,
      takeLease: (current, request) => {
        const holder = { ...request.holder, attempt: '9' };
        const decision = takeLease(current, { ...request, holder });
        if (decision.kind !== 'taken') return decision;
        return { ...decision, lease: { ...decision.lease, holder: request.holder } };
      },
    },
    scenario: 'a release on a machine that was taken for lost, and its re-run',
  },
  {
    name: 'an earlier attempt continues once a later one has ended',
    subject: { ...shipped, claimReleases: (state) => ({ kind: 'claimed', state }) },
    scenario: 'a release on a machine that was taken for lost, and its re-run',
  },
  {
    name: 'a lease never expires',
    subject: {
      ...shipped,
      takeLease: (current, request) =>
        takeLease(current, { ...request, now: current ? new Date(current.renewedAt) : request.now }),
    },
    scenario: 'two releases',
  },
  {
    name: 'the fencing number does not increase',
    subject: {
      ...shipped,
      takeLease: (current, request) => {
        const decision = takeLease(current, request);
        if (decision.kind !== 'taken') return decision;
        return {
          ...decision,
          lease: { ...decision.lease, fence: Math.max(1, request.fence, current?.fence ?? 0) },
        };
      },
    },
    scenario: 'two releases',
  },
  {
    name: 'a holder that was overtaken renews the lease of another',
    subject: {
      ...shipped,
      renewLease: (current, _fence, now, writer) =>
        current && renewLease(current, current.fence, now, writer),
    },
    scenario: 'two releases',
  },
  {
    name: 'a holder that was overtaken frees the lease of another',
    subject: {
      ...shipped,
      freeLease: (current, _fence, now, writer) => current && freeLease(current, current.fence, now, writer),
    },
    scenario: 'two releases and a rollback',
  },
];

/** The protocol with one of its cures taken out, each in turn. */
export const mutants: readonly Mutant[] = [...protocolMutants, ...clientMutants];
