import { Fault, UserError } from '@slipway/kernel';
import { candidateVersions, installPackages, refreshPackageLists } from './apt.ts';
import { trustsDebian } from './debian-archive.ts';
import { installDebianPlugins, pluginFolder } from './docker-plugins.ts';
import { withLock } from './lock.ts';
import { isDebianLike, isRoot } from './program.ts';
import { type Piece, parts, type Requirement } from './requirements.ts';

type Missing = Map<Requirement, Piece[]>;

/**
 * Sees to it that the parts are there: looks for each and installs, as root on a Debian-like system, only what is
 * missing, and says what. Nothing is started.
 * @throws UserError that names everything missing and how to get it, when it may not or cannot install.
 */
export async function provision(needs: Requirement[], say: (line: string) => void): Promise<void> {
  const missing = await findMissing(needs);
  if (missing.size === 0) return;
  if (!isRoot() || !isDebianLike()) throw await refusal(missing);
  await withLock('/run/slipway-install.lock', async () => {
    const still = await findMissing(needs); // another process may have installed it while this one waited
    if (still.size > 0) await install(still, say);
  });
}

async function findMissing(needs: Requirement[]): Promise<Missing> {
  const missing: Missing = new Map();
  for (const need of new Set(needs)) {
    const absent = await Promise.all(
      parts[need].pieces.map(async (piece) => ((await piece.present()) ? [] : [piece])),
    );
    if (absent.flat().length > 0) missing.set(need, absent.flat());
  }
  return missing;
}

async function install(missing: Missing, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  await refreshPackageLists();
  const candidates = await candidatesFor(missing);
  const unobtainable = [...missing].filter(([, pieces]) =>
    pieces.some((piece) => !choose(piece, candidates)),
  );
  if (unobtainable.length > 0) throw await refusal(new Map(unobtainable));
  const sources = new Map<string, Source>();
  for (const [need, pieces] of missing) {
    const chosen = pieces.flatMap((piece) => choose(piece, candidates) ?? []);
    for (const source of chosen) sources.set(source.name, source);
    say(`${parts[need].title}: not found, installing ${[...new Set(chosen.map(describe))].join(', ')}`);
  }
  const names = (plugin: boolean) =>
    [...sources.values()].flatMap((source) => (source.plugin === plugin ? source.name : []));
  if (names(false).length > 0) await installPackages(names(false));
  if (names(true).length > 0) await installDebianPlugins(names(true));
  const left = await findMissing([...missing.keys()]);
  if (left.size > 0) throw new Fault(`installed, yet still not usable: ${titles(left)}`);
  say(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s; no service was started`);
}

interface Source {
  name: string;
  /** Taken out of Debian 13's package instead of installed by this system's package manager. */
  plugin: boolean;
}

/** Where a piece comes from on this system. Compose 1, which Debian 12 has under the same name, will not do. */
function choose(piece: Piece, candidates: Map<string, string>): Source | undefined {
  const name = piece.packages.find((candidate) => {
    const version = candidates.get(candidate);
    const tooOld = candidate === 'docker-compose' && /^(\d+:)?[01]\./.test(version ?? '');
    return version !== undefined && !tooOld;
  });
  if (name) return { name, plugin: false };
  return piece.plugin && trustsDebian() ? { name: piece.plugin, plugin: true } : undefined;
}

function candidatesFor(missing: Missing): Promise<Map<string, string>> {
  return candidateVersions([...missing.values()].flat().flatMap(({ packages }) => packages));
}

function describe(source: Source): string {
  return source.plugin ? `${source.name} of Debian 13 into ${pluginFolder}` : source.name;
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
  const candidates = await candidatesFor(missing);
  const chosen = [...missing.values()].flat().map((piece) => choose(piece, candidates));
  return [...new Set(chosen.flatMap((source) => (source && !source.plugin ? source.name : [])))];
}

function titles(missing: Missing): string {
  return [...missing.keys()].map((need) => parts[need].title).join('; ');
}
