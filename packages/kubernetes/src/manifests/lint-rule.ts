import type { Facts } from './lint-facts.ts';
import type { ManifestDocument } from './object.ts';

/** What a rule found, before it has a place. */
export interface Draft {
  message: string;
  add: string;
  /** From the root of the object. */
  path?: readonly (string | number)[];
  /** When it is not the workload itself that is wrong. */
  manifest?: ManifestDocument;
}

/** One thing that a rollout without lost requests needs. */
export interface Rule {
  rule: string;
  kinds: readonly string[];
  /** Only for workloads that traffic comes to. */
  traffic: boolean;
  check: (facts: Facts) => Draft[];
}
