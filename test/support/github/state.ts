/** What the fake knows of one repository. Change it while it serves with `set`. */
export interface GitHubState {
  /** `owner/name` */
  repository: string;
  /** The commit that checks, statuses and pull requests belong to; any other is unknown. */
  sha: string;
  /** Public repositories let anybody approve. Default: false. */
  isPublic?: boolean;
  /** Workflow runs by GITHUB_RUN_ID; another id is answered 404. Default: in progress. Runs of one workflow on the commit are listed together. */
  runs: Record<string, { suite: number; workflow: number; status?: 'in_progress' | 'completed' }>;
  /** `base...head` of commits that can be compared. Default: none. */
  comparisons?: Record<string, 'ahead' | 'behind' | 'diverged'>;
  checks: FakeCheck[];
  statuses: { context: string; state: 'success' | 'failure' | 'error' | 'pending' }[];
  pulls: FakePull[];
  environments: Record<string, FakeEnvironment>;
  /** Answers that go wrong, the first that matches wins. */
  fail?: FakeFailure[];
}

export interface FakeCheck {
  name: string;
  /** Default: completed. */
  status?: 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';
  /** null while it runs. */
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | null;
  /** Check suite, i.e. workflow run, it belongs to. Default: 1. */
  suite?: number;
}

export interface FakeEnvironment {
  reviewers: boolean;
  waitMinutes?: number;
  /** Apps that decide about its deployments. */
  customRules?: string[];
  /** Deployment branches and tags. Default: all. */
  refs?: 'protected' | { name: string; type: 'branch' | 'tag' }[];
}

export interface FakePull {
  number: number;
  author: string;
  /** Commit at the head of its branch. */
  head: string;
  /** Default: merged. */
  state?: 'merged' | 'open' | 'closed';
  /** In the order in which they were given. */
  reviews: FakeReview[];
}

export interface FakeReview {
  user: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
  /** Commit that was looked at. Default: the head. */
  commit?: string;
  /** Default: MEMBER. */
  association?: 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE';
  /** A program, not a person. */
  bot?: boolean;
}

export interface FakeFailure {
  /** A piece of the path, e.g. `/check-runs`. */
  path: string;
  status: number;
  headers?: Record<string, string>;
  message?: string;
  /** How many answers go wrong. Default: all. */
  times?: number;
}
