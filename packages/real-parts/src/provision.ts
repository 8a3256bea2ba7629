import { Fault, UserError } from '@slipway/kernel';
import { candidateVersion, installPackages, refreshPackageLists } from './apt.ts';
import { canUseDebianPlugins, installDebianPlugins, pluginFolder } from './docker-plugins.ts';
import { withLock } from './lock.ts';
import { type Need, type Piece, parts } from './needs.ts';
import { isDebianLike, isRoot } from './program.ts';

type Missing = Map<Need, Piece[]>;

/**
 * Sees to it that the parts are there: looks for each and installs, as root on a Debian-like system, only what is
 * missing, telling `say` what. Nothing is started.
 * @throws UserError that names everything missing and how to get it, when it may not or cannot install.
 */
export async function provision(needs: Need[], say: (line: string) => void): Promise<void> {
  const missing = await lookFor(needs);
  if (missing.size === 0) return;
  if (!isRoot() || !isDebianLike()) throw await refusal(missing);
  await withLock('/run/slipway-install.lock', async () => {
    const still = await lookFor(needs); // another process may have installed it while this one waited
    if (still.size > 0) await install(still, say);
  });
}

async function lookFor(needs: Need[]): Promise<Missing> {
  const missing: Missing = new Map();
  for (const need of new Set(needs)) {
    const looked = await Promise.all(
      parts[need].pieces.map(async (piece) => ((await piece.present()) ? [] : [piece])),
    );
    if (looked.flat().length > 0) missing.set(need, looked.flat());
  }
  return missing;
}

async function install(missing: Missing, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  await refreshPackageLists();
  const packages = new Set<string>();
  const plugins = new Set<string>();
  const unobtainable: Missing = new Map();
  for (const [need, pieces] of missing) {
    const chosen = await Promise.all(pieces.map(choose));
    if (chosen.includes(undefined)) {
      unobtainable.set(need, pieces);
      continue;
    }
    for (const source of chosen) if (source) (source.plugin ? plugins : packages).add(source.name);
    say(`${parts[need].title}: not found, installing ${[...new Set(chosen.map(describe))].join(', ')}`);
  }
  if (unobtainable.size > 0) throw await refusal(unobtainable);
  if (packages.size > 0) await installPackages([...packages]);
  if (plugins.size > 0) await installDebianPlugins([...plugins]);
  const left = await lookFor([...missing.keys()]);
  if (left.size > 0) throw new Fault(`installed, yet still not usable: ${titles(left)}`);
  say(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s; no service was started`);
}

interface Source {
  name: string;
  /** Taken out of Debian 13's package instead of installed by this system's package manager. */
  plugin: boolean;
}

/** Where a piece comes from on this system. Compose 1, which Debian 12 has under the same name, will not do. */
async function choose(piece: Piece): Promise<Source | undefined> {
  for (const name of piece.packages) {
    const version = await candidateVersion(name);
    const tooOld = name === 'docker-compose' && /^(\d+:)?[01]\./.test(version ?? '');
    if (version && !tooOld) return { name, plugin: false };
  }
  return piece.plugin && canUseDebianPlugins() ? { name: piece.plugin, plugin: true } : undefined;
}

function describe(source: Source | undefined): string {
  return source?.plugin ? `${source.name} of Debian 13 into ${pluginFolder}` : (source?.name ?? '');
}

async function refusal(missing: Missing): Promise<UserError> {
  const how = [...missing.keys()].map((need) => `  ${parts[need].title}: ${parts[need].elsewhere}`);
  const lines = ['Get them like this, or run as root on Debian or Ubuntu to have them installed:', ...how];
  const packages = isDebianLike() ? await packagesFor(missing) : [];
  if (packages.length > 0)
    lines.push(`This system has: sudo apt-get install --no-install-recommends ${packages.join(' ')}`);
  return new UserError(`missing: ${titles(missing)}`, { hint: lines.join('\n') });
}

async function packagesFor(missing: Missing): Promise<string[]> {
  const chosen = await Promise.all([...missing.values()].flat().map(choose));
  return [...new Set(chosen.flatMap((source) => (source && !source.plugin ? source.name : [])))];
}

function titles(missing: Missing): string {
  return [...missing.keys()].map((need) => parts[need].title).join('; ');
}
