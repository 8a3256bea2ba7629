/** One of several sections, tagged with its name. */
export type Chosen<Sections, Name extends keyof Sections = keyof Sections> = {
  [One in Name]: { name: One; config: NonNullable<Sections[One]> };
}[Name];

/** The sections that are set, each with its name. */
export function chosen<Sections extends object>(sections: Sections): Chosen<Sections>[] {
  // Object.entries forgets which name belongs to which section.
  return Object.entries(sections)
    .filter(([, config]) => config !== undefined && config !== null)
    .map(([name, config]) => ({ name, config }) as Chosen<Sections>);
}
