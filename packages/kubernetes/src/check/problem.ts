/** Something that would make a rollout fail, and what to do about it. */
export interface Problem {
  what: string;
  remedy: string;
}
