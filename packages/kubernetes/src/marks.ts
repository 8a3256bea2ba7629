/** Annotations and labels that Slipway puts on what it creates. */
export const marks = {
  release: 'slipway.dev/release',
  stamp: 'slipway.dev/stamp',
  documents: 'slipway.dev/documents',
} as const;
