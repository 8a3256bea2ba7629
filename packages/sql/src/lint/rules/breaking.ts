import type { Alteration } from '../ast.ts';
import type { Rule } from '../finding.ts';
import { ofRange, sqlName, sqlOf } from '../names.ts';
import type { SchemaModel } from '../schema-model.ts';
import { each } from './columns.ts';
import { later } from './contract.ts';
import { drop } from './drop-object.ts';
import { rename } from './rename.ts';

/**
 * What breaks the running version: it uses the old schema until the new one serves, and again after a rollback.
 * Belongs in a separate release, after the last program that needs it is gone: `-- slipway: contract`.
 */
export const breakingRules: Rule[] = [
  {
    name: 'rename',
    level: 'error',
    on: ['AlterEnumStmt', 'AlterObjectSchemaStmt', 'RenameStmt'],
    contract: true,
    check: rename,
  },
  { name: 'drop-column', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropColumn) },
  { name: 'drop-table', level: 'error', on: ['DropStmt'], contract: true, check: drop('table') },
  { name: 'drop-object', level: 'error', on: ['DropStmt'], contract: true, check: drop('other') },
  { name: 'drop-not-null', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropNotNull) },
  { name: 'drop-default', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropDefault) },
];

function dropColumn({ cmd, table }: Alteration) {
  if (cmd.subtype !== 'AT_DropColumn') return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `the running version may still read or write ${t}.${c}: its queries fail from then on, and no rollback brings the values back`,
    remedy: `First a release whose code does not use ${c}; then ALTER TABLE ${t} DROP COLUMN ${c}; ${later}.`,
  };
}

function dropNotNull({ cmd, table }: Alteration) {
  if (cmd.subtype !== 'AT_DropNotNull') return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `the running version counts on ${t}.${c} never being null: it fails on the first null that the new one writes`,
    remedy: `First a release whose code reads null in ${c}; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP NOT NULL; ${later}.`,
  };
}

function dropDefault({ cmd, table }: Alteration, schema: SchemaModel) {
  if (cmd.subtype !== 'AT_ColumnDefault' || cmd.def || !schema.constraints.isRequired(table, cmd.name ?? ''))
    return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `without its default ${t}.${c}, which must not be null, has to be in every INSERT, and the running version does not name it`,
    remedy: `Keep the default until the new version serves; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP DEFAULT; ${later}.`,
  };
}
