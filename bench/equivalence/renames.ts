/**
 * What was renamed on purpose between the two builds: a fact of the old one is read as one of the new. An entry that
 * nothing needs any more is removed with the next release.
 */
export interface Renames {
  inputs: Record<string, string>;
  /** Values of an input, as `input=value`. */
  inputValues: Record<string, string>;
  outputs: Record<string, string>;
  /** Paths in the record, by pattern. */
  facts: readonly (readonly [RegExp, string])[];
  /** Values in the record, as `key=value`. */
  values: Record<string, string>;
}

export const renames: Renames = {
  inputs: {},
  inputValues: { 'to=unsettled': 'unfinished' },
  outputs: {},
  facts: [],
  values: {},
};
