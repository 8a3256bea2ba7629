/** A value on the target, as it was read. */
export interface RegisterValue {
  text: string;
  /** Names this value among all that the register ever had. */
  version: string;
}

/** A value on the target that only a writer who has read its present version can replace (compare-and-swap). */
export interface Register {
  /** null when it was never written. @throws Fault when the target does not answer, or when the value is damaged. */
  read(): Promise<RegisterValue | null>;
  /**
   * Replaces the value by `text`.
   * @param expected The version that was read; null when there was none.
   * @param summary One line for people who look with the platform's own tools, such as the holder of a lease.
   * @returns `conflict` when somebody else replaced it since; then nothing was changed.
   * @throws UserError when the text is more than the target can hold; Fault when the target does not answer: then it is
   * unknown whether the value was replaced, and the next read shows it.
   */
  replace(text: string, expected: string | null, summary?: string): Promise<'replaced' | 'conflict'>;
}

/** What a target keeps of one application in one environment. */
export interface StateStore {
  readonly state: Register;
  readonly lease: Register;
  /**
   * The target's own clock. All times in the state and the lease come from it, so that a runner whose clock is wrong
   * changes nothing.
   */
  now(): Promise<Date>;
  /**
   * Keeps a text that belongs to a release: a rendered Compose file, manifests, the end of a log. A text that is there
   * already under this name is replaced.
   * @throws UserError when it is more than the target can hold.
   */
  saveDocument(release: string, name: string, text: string): Promise<void>;
  /** null when it was never saved, or was pruned. */
  readDocument(release: string, name: string): Promise<string | null>;
  /** Deletes the documents of every release that is not named. */
  pruneDocuments(keep: readonly string[]): Promise<void>;
}
