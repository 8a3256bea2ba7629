/** Rows of the comparison that are not a loss of behaviour, and why. */
export interface IntendedChange {
  /** Which runs, by `test (action step)`. */
  runs: RegExp;
  /** Which of their facts, by `what: before -> after`. */
  facts: RegExp;
  reason: string;
}

/** What changed since commit 2422f90. An entry goes when its release is the one to compare with. */
export const intendedChanges: readonly IntendedChange[] = [
  {
    runs: /./,
    facts:
      /^record phases\.\d+\((?:rollout|rollback)\)\.evidence\.services\.\d+\(\w+\)\.replicas\..*: \(absent\) -> /,
    reason: 'The services of a rollout have `replicas`: the replicas and digests that were observed.',
  },
  {
    runs: /^build-push: promote .* \(build-push 2\)$/,
    facts: /^(?:input|record) version: 1\.2\.0 -> /,
    reason:
      'A `version` input that contradicts the release record is refused. These tests passed one; they no longer do.',
  },
  {
    runs: /: an unfinished release \(rollout 3\)$/,
    facts: /./,
    reason: 'A `version` input that contradicts the release record is refused.',
  },
  {
    runs: /: a rollback with a checkout that cannot be rolled out \(rollback [23]\)$/,
    facts: /./,
    reason:
      'A rollback on Compose is no longer refused for what is wrong with the new checkout: it goes ahead at once, and the next one has nothing to do.',
  },
  {
    runs: /^db-migrate-cut: a connection that is cut, at whatever step, /,
    facts: /./,
    reason:
      'Not a change: the test cuts a connection at every third piece of traffic, and where a piece ends depends on the machine. Two recordings of one build differ in the same runs; the test checks each run.',
  },
  {
    runs: /^db-migrate-drift: .* by its cancellation has saved the schema \(db-migrate 2\)$/,
    facts: /^output schema-version: /,
    reason:
      'Not a change: whether the version table can still be read after the cancellation depends on the machine. Two recordings of one build differ here.',
  },
  {
    runs: /^kubernetes: killed \(rollback \d+\)$/,
    facts: /^target replicas of backend: 2, \d of them from before -> 2, /,
    reason:
      'Not a change: a Deployment goes ahead after the action that changed it is killed, and how far it is when the rollback begins depends on the machine.',
  },
];
