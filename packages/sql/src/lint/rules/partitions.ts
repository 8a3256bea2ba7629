import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofRange, sqlName, sqlOf } from '../names.ts';

/** Partitions of tables in use (manual, 5.12.2). */
export const partitionRules: Rule[] = [
  { name: 'detach-partition', level: 'warning', on: ['AlterTableStmt'], check: detach },
  { name: 'attach-partition-scan', level: 'warning', on: ['AlterTableStmt'], check: attach },
  { name: 'create-partition-locks-parent', level: 'info', on: ['CreateStmt'], check: create },
];

function detach({ alterations }: Subject): Hit[] {
  return alterations.flatMap(({ cmd, table, offset }) => {
    const partition = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd : undefined;
    if (cmd.subtype !== 'AT_DetachPartition' || partition?.concurrent) return [];
    const [t, part] = [sqlOf(ofRange(table)), sqlOf(ofRange(partition?.name ?? {}))];
    return [
      {
        offset,
        message: `DETACH PARTITION without CONCURRENTLY takes ACCESS EXCLUSIVE on ${t}: while it waits for queries that run, every later query waits for it`,
        remedy: `In a separate file: ALTER TABLE ${t} DETACH PARTITION ${part} CONCURRENTLY;`,
      },
    ];
  });
}

function attach({ alterations, schema }: Subject): Hit[] {
  return alterations.flatMap(({ cmd, table, offset }) => {
    const part = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd.name : undefined;
    if (cmd.subtype !== 'AT_AttachPartition' || !part) return [];
    if (schema.isNewTable(part) || schema.constraints.hasCheck(part)) return [];
    const [t, p] = [sqlOf(ofRange(table)), sqlOf(ofRange(part))];
    const name = sqlName(derivedName(part.relname ?? '', 'bound'));
    return [
      {
        offset,
        message: `ATTACH PARTITION reads all of ${p} under ACCESS EXCLUSIVE to see whether its rows belong to ${t}, unless a CHECK says so already`,
        remedy: `ALTER TABLE ${p} ADD CONSTRAINT ${name} CHECK (…the bound, and its columns IS NOT NULL…) NOT VALID; in the next file ALTER TABLE ${p} VALIDATE CONSTRAINT ${name}; and then attach it.`,
      },
    ];
  });
}

function create({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'CreateStmt' || !statement.node.partbound) return [];
  const [parent] = statement.node.inhRelations ?? [];
  if (!parent || !('RangeVar' in parent) || schema.isNewTable(parent.RangeVar)) return [];
  const t = sqlOf(ofRange(parent.RangeVar));
  const part = sqlOf(ofRange(statement.node.relation ?? {}));
  return [
    {
      offset: statement.offset,
      message: `CREATE TABLE … PARTITION OF takes ACCESS EXCLUSIVE on ${t} for an instant: while it waits for queries that run, every later query waits for it`,
      remedy: `CREATE TABLE ${part} (LIKE ${t} INCLUDING DEFAULTS INCLUDING CONSTRAINTS); ALTER TABLE ${t} ATTACH PARTITION ${part} FOR VALUES …; it does not block queries.`,
    },
  ];
}
