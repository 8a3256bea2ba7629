import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './program.ts';

const capSysResource = 24n;

/**
 * Passes everything on to the real runc. Without CAP_SYS_RESOURCE nobody can protect a process from the kernel's
 * out-of-memory killer, and a container that asks for it, as the sandbox of every Kubernetes pod does, would fail
 * with "can't get final child's PID from pipe": so the wish is taken out of the container's description.
 */
const wrapper = (runc: string): string => `#!/bin/sh
for word; do
  [ "$before" = --bundle ] && bundle=$word
  before=$word
done
[ -z "$bundle" ] || sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$bundle/config.json"
exec ${runc} "$@"
`;

/** Flags that let a Docker Engine run pods on a machine that lacks CAP_SYS_RESOURCE; none on any other. */
export async function oomRuntimeFlags(folder: string): Promise<string[]> {
  const runc = findProgram('runc');
  if (!runc || hasCapability(capSysResource)) return [];
  const path = join(folder, 'runc-without-oom-score');
  await writeFile(path, wrapper(runc), { mode: 0o755 });
  return ['--add-runtime', `oom=${path}`, '--default-runtime', 'oom'];
}

function hasCapability(bit: bigint): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}
