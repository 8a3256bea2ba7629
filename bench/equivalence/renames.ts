/**
 * What was renamed on purpose between the two builds: a fact of the old one is read as one of the new. An entry that
 * nothing needs any more is removed with the next release.
 */
export interface Renames {
  inputs: Record<string, string>;
  /** Values of an input, as `input=value`. */
  inputValues: Record<string, string>;
  outputs: Record<string, string>;
  /** Keys in the record, by a pattern of their path. */
  facts: readonly (readonly [RegExp, string])[];
  /** Values in the record, by a pattern of `path=value`. */
  values: readonly (readonly [RegExp, string])[];
}

export const renames: Renames = {
  inputs: {},
  inputValues: { 'to=unsettled': 'unfinished' },
  outputs: {},
  facts: [],
  values: [
    [/\.evidence\.metrics\.state=kept$/, 'met'],
    [/\.evidence\.checks\.id=way-back$/, 'down-migrations'],
  ],
};

/** The inputs of today as the old build names them. */
export function earlierInputs(
  inputs: Readonly<Record<string, string>>,
  { inputs: names, inputValues }: Renames,
): Record<string, string> {
  const oldName = (name: string): string => nameBefore(names, name);
  const entries = Object.entries(inputs).map(([name, value]) => {
    const old = Object.entries(inputValues).find(
      ([from, to]) => to === value && from.startsWith(`${oldName(name)}=`),
    );
    return [oldName(name), old ? old[0].slice(oldName(name).length + 1) : value];
  });
  return Object.fromEntries(entries);
}

function nameBefore(names: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(names).find(([, to]) => to === name)?.[0] ?? name;
}
