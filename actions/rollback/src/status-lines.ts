import type { ServiceStatus, TargetStatus } from './target-status.ts';

/** Releases that people are shown; the output has more of them. */
const maxShown = 25;
/** Characters of the output `status`: with all others it must pass between jobs. */
const maxOutput = 64 * 1024;

/** The status for people, line by line, in columns. Pure. */
export function statusLines(status: TargetStatus): string[] {
  const { services, history, problems, omitted } = status;
  const shown = history?.slice(0, maxShown) ?? [];
  const older = (history?.length ?? 0) - shown.length + omitted;
  return [
    ...columns([['Service', 'Version', 'Ready', 'Image'], ...(services?.flatMap(serviceRows) ?? [])]),
    ...columns([
      ['Proven', describeProven(status)],
      ['Unfinished', describeUnfinished(status)],
      ['Lease', describeLease(status)],
      ...[...unreachedOf(services ?? []), ...problems].map((problem) => ['Problem', problem]),
    ]),
    ...columns([
      ['Release', 'Version', 'Phase', 'Since', 'Schema'],
      ...shown.map(({ sequence, version, phase, changedAt, database, reverted }) => [
        `#${sequence}`,
        version,
        phase,
        timeOf(changedAt),
        reverted && database !== 'none' ? `${database}, taken back` : database,
      ]),
    ]),
    ...(older > 0 ? [`and ${older} older`] : []),
  ];
}

/** The status as JSON that is not longer than an output may be: the oldest releases are left out, and counted. Pure. */
export function statusJson(status: TargetStatus, redact: (text: string) => string): string {
  let { history, omitted } = status;
  for (;;) {
    const json = JSON.stringify({ ...status, history, omitted }, (_, value: unknown) =>
      typeof value === 'string' ? redact(value) : value,
    );
    if (json.length <= maxOutput || !history || history.length === 0) return json;
    const left = history.slice(0, Math.floor(history.length / 2));
    omitted += history.length - left.length;
    history = left;
  }
}

/** What serves, in one sentence. Pure. */
export function statusSentence(status: TargetStatus): string {
  const { unfinished, lease } = status;
  const holder = lease && !lease.expired ? `; run ${lease.run} holds the lease` : '';
  const left = unfinished ? `; ${unfinished.version} is unfinished ("${unfinished.phase}")` : '';
  return `${whatServes(status)}${left}${holder}.`;
}

function whatServes(status: TargetStatus): string {
  const { services, proven, provenServes } = status;
  if (proven && provenServes) return `${proven.version} serves everywhere and is proven`;
  const seen = services ? `What runs: ${describeRunning(services)}` : 'What serves cannot be seen';
  const unreached = unreachedOf(services ?? []).map((why) => `, but ${why}`);
  return `${seen}${unreached.join('')}; ${lastProven(status)}`;
}

/** Why requests do not reach services, each reason once. Pure. */
function unreachedOf(services: readonly Pick<ServiceStatus, 'unreached'>[]): string[] {
  return [...new Set(services.flatMap(({ unreached }) => unreached ?? []))];
}

/** What each service runs, as in `web 1.4.0 (2/2 ready), worker nothing`. Pure. */
export function describeRunning(services: readonly ServiceStatus[]): string {
  const each = services.map(
    ({ name, runs }) => `${name} ${runs.map(describeRun).join(' and ') || 'nothing'}`,
  );
  return each.join(', ') || 'nothing';
}

function lastProven({ proven, history }: TargetStatus): string {
  if (history === null) return 'what is proven is not known';
  return proven ? `the last proven release is ${proven.version}` : 'no release is proven';
}

function describeRun({ version, image, ready, replicas }: ServiceStatus['runs'][number]): string {
  return `${version ?? image} (${ready}/${replicas} ready)`;
}

function serviceRows({ name, runs }: ServiceStatus): string[][] {
  if (runs.length === 0) return [[name, 'nothing runs', '0/0', '']];
  return runs.map(({ version, image, ready, replicas }) => [
    name,
    version ?? 'not of a known release',
    `${ready}/${replicas}`,
    image,
  ]);
}

function describeProven({ proven, history }: TargetStatus): string {
  if (history === null) return 'not known';
  return proven
    ? `${proven.version} (${proven.id}), since ${timeOf(proven.provenAt ?? proven.changedAt)}`
    : 'no release';
}

function describeUnfinished({ unfinished, history }: TargetStatus): string {
  if (history === null) return 'not known';
  if (!unfinished) return 'no release';
  const { version, id, phase, changedAt, run } = unfinished;
  const by = run.actor === '' ? '' : `, started by ${run.actor}`;
  return `${version} (${id}), "${phase}" since ${timeOf(changedAt)}, run ${run.id}${by}`;
}

function describeLease({ lease, leaseKnown, fence }: TargetStatus): string {
  const number = fence === null ? '' : `; fencing number ${fence}`;
  if (!leaseKnown) return `not known${number}`;
  if (!lease) return `free${number}`;
  const { run, attempt, actor, since, expiresAt, expired } = lease;
  const by = actor === '' ? '' : `, started by ${actor}`;
  const until = expired
    ? `expired ${timeOf(expiresAt)}`
    : `expires ${timeOf(expiresAt)} unless it is renewed`;
  return `held by run ${run}, attempt ${attempt}${by}, since ${timeOf(since)}; ${until}${number}`;
}

function timeOf(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** Rows with cells of one width for each column; the last one is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width(column))))
      .join('  ')
      .trimEnd(),
  );
}
