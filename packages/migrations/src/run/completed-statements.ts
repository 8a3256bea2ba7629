import { createHash } from 'node:crypto';
import { eachStatement } from '@slipway/sql';

/** Hash of the first `step` statements of a text, without what is between them. Pure. */
export function hashOfCompleted(sql: string, step: number): string {
  return hashesOfCompleted(sql)(step);
}

/**
 * The same for one step after the other, reading each statement once. @returns what takes steps that never fall.
 */
export function hashesOfCompleted(sql: string): (step: number) => string {
  const statements = eachStatement(sql);
  const hash = createHash('sha256');
  let read = 0;
  return (step) => {
    while (read < step) {
      const { value } = statements.next();
      if (!value) break;
      if (read > 0) hash.update('\n');
      hash.update(sql.slice(value.offset, value.end));
      read++;
    }
    return hash.copy().digest('hex');
  };
}
