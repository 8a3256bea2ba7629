import type { WorkloadFacts } from './lint-facts.ts';
import type { ManifestDocument } from './object.ts';

/** What a rule found, before it has a location. */
export interface LintDraft {
  message: string;
  add: string;
  /** From the root of the object. */
  path?: readonly (string | number)[];
  /** When it is not the workload itself that is wrong. */
  manifest?: ManifestDocument;
}

/** One thing that a rollout without lost requests needs. */
export interface LintRule {
  rule: string;
  kinds: readonly string[];
  /** Only for workloads that receive traffic. */
  traffic: boolean;
  check: (facts: WorkloadFacts) => LintDraft[];
}
