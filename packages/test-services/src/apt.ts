import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';

import { execOrThrow, run } from './program.ts';

const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

/** Fetches the package lists. A source that cannot be reached is not a reason to stop: the installation itself fails then. */
export async function refreshPackageLists(): Promise<void> {
  await run(['/usr/bin/apt-get', 'update', '-q'], { env });
}

/** The versions that would be installed, by package; what no source has is left out. One question, as each takes 0.5 s. */
export async function candidateVersions(names: string[]): Promise<Map<string, string>> {
  const policy = await run(['/usr/bin/apt-cache', 'policy', ...names], { env });
  const entries = policy.stdout.matchAll(/^(\S+):\n.*\n {2}Candidate: (.+)$/gm);
  return new Map(
    [...entries].flatMap(([, name, version]) =>
      name && version && version !== '(none)' ? [[name, version] as const] : [],
    ),
  );
}

/** Installs packages without what they only recommend, and without starting any service they bring. */
export async function installPackages(names: string[]): Promise<void> {
  await withoutServices(async () => {
    const flags = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
    const argv = ['/usr/bin/apt-get', 'install', ...flags, ...names] as [string, ...string[]];
    await execOrThrow(`install ${names.join(', ')} (run apt-get update and read its warnings)`, argv, {
      env,
    });
  });
}

const policyFile = '/usr/sbin/policy-rc.d';
const policy = '#!/bin/sh\n# Slipway installs packages: their services stay off.\nexit 101\n';

/** Debian's way to keep services off during an install; a policy that somebody else set stays as it is. */
async function withoutServices(install: () => Promise<void>): Promise<void> {
  const ours = !existsSync(policyFile) || (await readFile(policyFile, 'utf8')) === policy;
  if (ours) await writeFile(policyFile, policy, { mode: 0o755 });
  try {
    await install();
  } finally {
    if (ours) await rm(policyFile, { force: true });
  }
}
