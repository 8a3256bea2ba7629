import { containerRules } from './lint-container.ts';
import { factsOf } from './lint-facts.ts';
import { workloadRules } from './lint-workload.ts';
import { lineOf, type ManifestDocument, titleOf } from './object.ts';

/** Something that may drop requests during a rollout. */
export interface LintFinding {
  /** `Deployment/backend` */
  workload: string;
  file: string;
  line: number;
  /** Name of the rule, such as `readiness-probe`. */
  rule: string;
  message: string;
  /** The YAML that fixes it. */
  add: string;
}

export interface LintOptions {
  /** Kubernetes 1.x of the server. Default: a recent one. */
  server?: number | undefined;
  /** Services, budgets, autoscalers and claims that exist outside the manifests. */
  live?: readonly object[] | undefined;
}

const defaultServerMinor = 34;

/** Names of all rules. */
export const lintRules: readonly string[] = [...containerRules, ...workloadRules].map(({ rule }) => rule);

/** What the manifests lack for a rollout without dropped requests. Pure. `blockers` finds what stops a rollout. */
export function lint(documents: readonly ManifestDocument[], options: LintOptions = {}): LintFinding[] {
  const workloads = factsOf(documents, options.live ?? [], options.server ?? defaultServerMinor);
  return workloads.flatMap((facts) => {
    const { manifest: own, serving } = facts;
    return [...containerRules, ...workloadRules]
      .filter(({ kinds, traffic }) => kinds.includes(own.kind) && (serving || !traffic))
      .flatMap(({ rule, check }) =>
        check(facts).map(({ message, add, path = [], manifest = own }) => ({
          workload: titleOf(own.object),
          file: manifest.file,
          line: lineOf(manifest, path),
          rule,
          message,
          add,
        })),
      );
  });
}
