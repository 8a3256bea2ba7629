import type { FuncCall, Node } from 'libpg-query';
import { copyableSql } from '../../syntax/quote-sql.ts';
import { uncast, walk } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { strings } from '../names.ts';

const guarded =
  /^(?:lock_timeout|statement_timeout|transaction_timeout|idle_in_transaction_session_timeout|session_replication_role|synchronous_commit)$/;

/** Settings that outlive their file. */
export const settingRules: Rule[] = [
  { name: 'overrides-timeouts', level: 'warning', on: ['VariableSetStmt', 'SelectStmt'], check: overrides },
];

const inForce = 'it overrides the limits of the migration, and behind a pooler it affects the application';
const needless = 'Remove it: the limits are set for every file.';

function overrides({ statement }: Subject): Hit[] {
  const { offset } = statement;
  if (statement.tag === 'SelectStmt')
    return configured(statement).map(({ name, value }) => ({
      offset,
      message: `set_config('${name}', ${value ?? 'NULL'}, false) holds for the whole session: ${inForce}`,
      remedy: value === null ? needless : `SET LOCAL ${name} = ${value};`,
    }));
  if (statement.tag !== 'VariableSetStmt') return [];
  const { name = '', is_local, kind } = statement.node;
  if (is_local || !(guarded.test(name) || kind === 'VAR_RESET_ALL')) return [];
  return [
    {
      offset,
      message: `${copyableSql(statement.text)} holds for the whole session: ${inForce}`,
      remedy:
        kind === 'VAR_SET_VALUE'
          ? `${copyableSql(statement.text).replace(/^set\s+(?:session\s+)?/i, 'SET LOCAL ')};`
          : needless,
    },
  ];
}

/** The guarded settings that a query gives to set_config() for the session, with their values as SQL. */
function configured({ text, node }: Subject['statement']): { name: string; value: string | null }[] {
  // Saves the walk through nearly all queries.
  if (!/set_config/i.test(text)) return [];
  const found: { name: string; value: string | null }[] = [];
  walk(node, (tag, call) => {
    const { funcname, args = [] } = call as FuncCall;
    if (tag !== 'FuncCall' || !/^(?:pg_catalog\.)?set_config$/.test(strings(funcname).join('.'))) return;
    const [name, value, local] = args.map(constantOf);
    const setting = name?.sval?.sval?.toLowerCase() ?? '';
    if (!guarded.test(setting) || !local?.boolval || local.boolval.boolval) return;
    if (value?.isnull) found.push({ name: setting, value: null });
    else if (value?.sval)
      found.push({ name: setting, value: `'${(value.sval.sval ?? '').replaceAll("'", "''")}'` });
  });
  return found;
}

function constantOf(node: Node) {
  const bare = uncast(node);
  return 'A_Const' in bare ? bare.A_Const : undefined;
}
