import { oneLine } from '../clauses.ts';
import type { Hit, Rule, Subject } from '../finding.ts';

const guarded =
  /^(?:lock_timeout|statement_timeout|transaction_timeout|idle_in_transaction_session_timeout|session_replication_role|synchronous_commit)$/;

/** Settings that outlive their file. */
export const settingRules: Rule[] = [
  { name: 'overrides-timeouts', level: 'warning', on: ['VariableSetStmt'], check: overrides },
];

function overrides({ statement }: Subject): Hit[] {
  if (statement.tag !== 'VariableSetStmt') return [];
  const { name = '', is_local, kind } = statement.node;
  if (is_local || !(guarded.test(name) || kind === 'VAR_RESET_ALL')) return [];
  return [
    {
      offset: statement.offset,
      message: `${oneLine(statement.text)} holds for the whole session: it puts the limits of the migration out of force, and behind a pooler it reaches the application`,
      remedy:
        kind === 'VAR_SET_VALUE'
          ? `${oneLine(statement.text).replace(/^set\s+(?:session\s+)?/i, 'SET LOCAL ')};`
          : 'Leave it out: the limits are set for every file.',
    },
  ];
}
