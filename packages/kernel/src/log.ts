import type { OutsideText } from './outside-text.ts';

/** A remark that the page of the run shows; GitHub also shows one with a location next to that line of the file. */
interface Annotation {
  level: 'warning' | 'notice';
  location?: {
    /** Relative to the repository. */
    file: string;
    /** From 1. */
    line: number;
    column: number;
  };
  title: string;
  message: string | OutsideText;
}

/** Progress for people, line by line. Failures are thrown or returned, never only logged. */
export interface Log {
  info(line: string | OutsideText): void;
  warn(line: string | OutsideText): void;
  debug(line: string | OutsideText): void;
  annotate(annotation: Annotation): void;
  /** Folds the lines written by `body` under a title. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}
