/** Annotations and labels that Slipway puts on what it creates. */
export const marks = {
  release: 'slipway.dev/release',
  /** Label of the state and the lease. */
  store: 'slipway.dev/store',
  /** Label of a document of a release. */
  storedDocument: 'slipway.dev/stored-document',
  /** The text of a lease. */
  lease: 'slipway.dev/lease',
  /** For people who look at the object. */
  summary: 'slipway.dev/summary',
  /** Chosen at random by whoever wrote the object. */
  nonce: 'slipway.dev/nonce',
  /** The nonce of what was replaced. */
  replaced: 'slipway.dev/replaced',
} as const;
