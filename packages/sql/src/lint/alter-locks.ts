import type { ColumnDef, Constraint } from 'libpg-query';
import { type Alteration, constraintsOf, defaultOf, hasConstraint, isSerial } from './ast.ts';
import { type LockMode, type LockTime, lock, type RelationLock } from './lock-mode.ts';
import { volatileCall } from './volatility.ts';

/** Subcommands that are content with less than ACCESS EXCLUSIVE (AlterTableGetLockLevel). */
const weaker: Record<string, LockMode> = {
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_SetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};

const times: Record<string, LockTime> = {
  AT_AlterColumnType: 'while it rewrites',
  AT_SetTableSpace: 'while it rewrites',
  AT_SetLogged: 'while it rewrites',
  AT_SetUnLogged: 'while it rewrites',
  AT_SetAccessMethod: 'while it rewrites',
  AT_SetExpression: 'while it rewrites',
  AT_SetNotNull: 'while it scans',
  AT_ValidateConstraint: 'while it scans',
};

/** The locks of one subcommand of ALTER TABLE (manual, ALTER TABLE). */
export function alterLocks({ table, cmd, column, constraint }: Alteration): RelationLock[] {
  const subtype = cmd.subtype ?? '';
  if (subtype === 'AT_AddColumn' && column) return addColumn(table, column);
  if (subtype === 'AT_AddConstraint' && constraint) return addConstraint(table, constraint);
  const partition = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd : undefined;
  if (subtype === 'AT_DetachPartition' && partition?.name) {
    const [parent, part]: LockMode[] = partition.concurrent
      ? ['SHARE UPDATE EXCLUSIVE', 'ACCESS EXCLUSIVE']
      : ['ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE'];
    return [lock(table, parent as LockMode), lock(partition.name, part as LockMode)];
  }
  const own = lock(table, weaker[subtype] ?? 'ACCESS EXCLUSIVE', times[subtype]);
  if (subtype !== 'AT_AttachPartition' || !partition?.name) return [own];
  return [own, lock(partition.name, 'ACCESS EXCLUSIVE', 'while it scans')];
}

function addColumn(table: Alteration['table'], column: ColumnDef): RelationLock[] {
  const expression = defaultOf(column);
  const rewrites =
    isSerial(column) ||
    hasConstraint(column, 'CONSTR_IDENTITY') ||
    (expression !== undefined && volatileCall(expression, new Map()) !== undefined) ||
    constraintsOf(column).some(
      ({ contype, generated_kind }) => contype === 'CONSTR_GENERATED' && generated_kind !== 'v',
    );
  const builds = hasConstraint(column, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY');
  const scans = hasConstraint(column, 'CONSTR_CHECK');
  const time: LockTime = rewrites
    ? 'while it rewrites'
    : builds
      ? 'while it builds an index'
      : scans
        ? 'while it scans'
        : 'for an instant';
  const others = constraintsOf(column).flatMap(({ pktable }) =>
    pktable ? [lock(pktable, 'SHARE ROW EXCLUSIVE', expression ? 'while it scans' : undefined)] : [],
  );
  return [lock(table, 'ACCESS EXCLUSIVE', time), ...others];
}

function addConstraint(table: Alteration['table'], constraint: Constraint): RelationLock[] {
  const { contype, pktable, skip_validation, indexname, is_enforced } = constraint;
  const time: LockTime = skip_validation || is_enforced === false ? 'for an instant' : 'while it scans';
  if (contype === 'CONSTR_FOREIGN' && pktable)
    return [lock(table, 'SHARE ROW EXCLUSIVE', time), lock(pktable, 'SHARE ROW EXCLUSIVE', time)];
  if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL')
    return [lock(table, 'ACCESS EXCLUSIVE', time)];
  return [lock(table, 'ACCESS EXCLUSIVE', indexname ? 'for an instant' : 'while it builds an index')];
}
