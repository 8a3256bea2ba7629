import type { Node } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { ofParts, strings } from './names.ts';

export const once = 'move it to a migration, which runs once';

/** A CREATE: what it makes, whether it says what is to happen when that is there already, and how it would. */
export interface Creation {
  name: string | undefined;
  fine?: boolean | undefined;
  remedy: string;
}

/** What a CREATE makes; undefined for any other statement, and for those that nothing can be said of. */
export function creationOf(statement: SqlStatement): Creation | undefined {
  return guardedCreation(statement) ?? replaceableCreation(statement) ?? bareCreation(statement);
}

/** Of what knows IF NOT EXISTS. */
function guardedCreation(statement: SqlStatement): Creation | undefined {
  const of = (name: string | undefined, fine: boolean | undefined): Creation => {
    return { name, fine, remedy: 'write IF NOT EXISTS' };
  };
  switch (statement.tag) {
    case 'CreateStmt':
      return of(statement.node.relation?.relname, statement.node.if_not_exists);
    case 'CreateTableAsStmt':
      return of(statement.node.into?.rel?.relname, statement.node.if_not_exists);
    case 'CreateSeqStmt':
      return of(statement.node.sequence?.relname, statement.node.if_not_exists);
    case 'IndexStmt':
      return of(statement.node.idxname, statement.node.if_not_exists && !!statement.node.idxname);
    case 'CreateSchemaStmt':
      return of(statement.node.schemaname, statement.node.if_not_exists);
    case 'CreateExtensionStmt':
      return of(statement.node.extname, statement.node.if_not_exists);
    default:
      return undefined;
  }
}

/** Of what knows OR REPLACE. */
function replaceableCreation(statement: SqlStatement): Creation | undefined {
  const remedy = 'write CREATE OR REPLACE';
  switch (statement.tag) {
    case 'CreateFunctionStmt':
      return { name: lastOf(statement.node.funcname), fine: statement.node.replace, remedy };
    case 'ViewStmt':
      return { name: statement.node.view?.relname, fine: statement.node.replace, remedy };
    case 'RuleStmt':
      return { name: statement.node.rulename, fine: statement.node.replace, remedy };
    case 'CreateTrigStmt': {
      const { trigname: name, replace: fine } = statement.node;
      return { name, fine, remedy: `${remedy} (PostgreSQL 14), or DROP TRIGGER IF EXISTS before it` };
    }
    default:
      return undefined;
  }
}

/** Of what knows neither. */
function bareCreation(statement: SqlStatement): Creation | undefined {
  const type = `catch duplicate_object in a DO block, or ${once}`;
  switch (statement.tag) {
    case 'CreatePolicyStmt':
      return { name: statement.node.policy_name, remedy: 'write DROP POLICY IF EXISTS before it' };
    case 'CompositeTypeStmt':
      return { name: statement.node.typevar?.relname, remedy: type };
    case 'CreateEnumStmt':
      return { name: lastOf(statement.node.typeName), remedy: type };
    case 'CreateDomainStmt':
      return { name: lastOf(statement.node.domainname), remedy: type };
    default:
      return undefined;
  }
}

function lastOf(parts: Node[] | undefined): string {
  return ofParts(strings(parts)).name;
}
