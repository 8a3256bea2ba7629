/** Progress for people, line by line. Failures are thrown or returned, never only logged. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
  debug(line: string): void;
  /** Folds the lines written by `body` under a title. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}
