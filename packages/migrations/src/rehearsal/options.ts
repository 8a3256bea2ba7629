import type { ApplyTarget } from '../run/apply-target.ts';
import type { Resume } from '../run/plan.ts';
import type { RehearsalFile } from '../run/work.ts';

/** What is rehearsed: the users' own SQL, without the rows that the real run writes with it. */
export interface RehearsalPlan {
  schemas: readonly RehearsalFile[];
  /** `resume`: how far a run came that was stopped, on the copy as well; null when none of it has begun. */
  migrations: readonly { up: RehearsalFile; down: RehearsalFile | null; resume: Resume | null }[];
}

export interface RehearsalOptions {
  /** On the copy: `worker` and `observer` are other connections than those of production. */
  target: ApplyTarget;
  /** Schema of the version table, quoted and with a dot; '' for the first of search_path. */
  schema: string;
}
