// Runs one of the project's commands on a machine that has nothing but Node 20 or newer, npm and git: installs the
// project's dependencies when they are missing or stale, then starts the command's TypeScript with Node 24.
// Plain JavaScript without any dependency, because it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const commands = {
  demo: 'demo/index.ts',
  test: 'scripts/test.ts',
  'test:cluster': 'scripts/test-cluster.ts',
  build: 'scripts/build.ts',
  check: 'scripts/check.ts',
  bench: 'bench/index.ts',
  figures: 'scripts/figures/index.ts',
  sentences: 'scripts/sentences.ts',
};
/** The Node that GitHub runs the actions with, and the first that runs TypeScript as it is. */
const wantedMajor = 24;
const oldestMajor = 20;

/** A sentence for the person at the terminal; everything else that is thrown is a bug and keeps its stack. */
class Refusal extends Error {}

/** Why npm could not install, by what it said. The first match wins. */
const npmFailures = [
  [/ENOSPC/, 'the disk is full', 'Free some space'],
  [/EACCES|EPERM|EROFS/, 'a file cannot be written', `Make ${root} and the npm cache writable for this user`],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/,
    'the package registry cannot be reached',
    'Check the network, the proxy settings and "npm config get registry"',
  ],
  [
    /E401|E403|ENEEDAUTH/,
    'the package registry refused access',
    'Log in with "npm login", or check its .npmrc',
  ],
  [/E404|ETARGET/, 'the package registry lacks a package', 'Check "npm config get registry"'],
  [/EINTEGRITY/, 'a downloaded package is not the one in package-lock.json', 'Run "npm cache verify"'],
  [
    /EUSAGE/,
    'package-lock.json does not fit package.json',
    'Restore both with "git checkout -- package.json package-lock.json"',
  ],
];

try {
  const [name = '', ...args] = process.argv.slice(2);
  const entry = findEntry(name);
  checkFolder();
  if (await installIfNeeded()) process.exitCode = await run(findNode(), [entry, ...args]);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`slipway: ${error.message}`);
  process.exitCode = 1;
}

function majorOf(version) {
  return Number(version.replace(/^v/, '').split('.')[0]);
}

function findEntry(name) {
  if (majorOf(process.versions.node) < oldestMajor) {
    throw new Refusal(`Node ${process.versions.node} is too old: install Node ${oldestMajor} or newer.`);
  }
  if (!Object.hasOwn(commands, name)) {
    throw new Refusal(`there is no command "${name}": choose ${Object.keys(commands).join(', ')}.`);
  }
  const entry = path.join(root, commands[name]);
  for (const file of [entry, path.join(root, 'package-lock.json')]) {
    if (!existsSync(file)) {
      throw new Refusal(
        `${path.relative(root, file)} is missing: this is not a complete checkout, clone the repository again.`,
      );
    }
  }
  return entry;
}

function checkFolder() {
  let folder = root;
  while (!existsSync(path.join(folder, '.git'))) {
    if (folder === path.dirname(folder)) {
      throw new Refusal(
        `${root} is not a git checkout: get the project with "git clone" instead of an archive.`,
      );
    }
    folder = path.dirname(folder);
  }
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new Refusal(
      `${root} cannot be written: make it writable for this user, or clone into your own folder.`,
    );
  }
}

/** False when the installation was interrupted by a signal. */
async function installIfNeeded() {
  const reason = whyInstall();
  if (!reason) return true;
  console.error(`slipway: ${reason}; installing the dependencies with "npm ci" (once, about half a minute)`);
  const { code, signal, said } = await npmInstall();
  if (signal) process.exitCode = 128 + os.signals[signal];
  if (signal) return false;
  const left = code === 0 ? whyInstall() : '';
  if (code === 0 && !left) return true;
  const [, cause, remedy] = npmFailures.find(([pattern]) => pattern.test(said)) ?? [];
  if (cause)
    throw new Refusal(
      `the dependencies cannot be installed, because ${cause}. ${remedy}, then run this again.`,
    );
  const last =
    left ||
    said
      .split('\n')
      .filter((line) => /^npm (error|ERR!) (?!code|A complete log)/.test(line))
      .slice(0, 3)
      .join(' ');
  throw new Refusal(
    `the dependencies cannot be installed (npm exited ${code}): ${last || said.trim().slice(-300)}`,
  );
}

/**
 * Why node_modules is not what package-lock.json says, or an empty text. npm writes the inner lock file last, so an
 * interrupted installation has none; folders deleted since are seen as well.
 */
function whyInstall() {
  const inner = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(inner)) {
    return existsSync(path.join(root, 'node_modules'))
      ? 'node_modules is incomplete'
      : 'node_modules is missing';
  }
  const [wanted, installed] = [path.join(root, 'package-lock.json'), inner].map(readPackages);
  for (const [where, entry] of Object.entries(wanted)) {
    if (!where.startsWith('node_modules/') || where.includes('/node_modules/.')) continue;
    const optional = entry.optional || entry.devOptional || entry.peer;
    const found = installed[where];
    if (optional && !found) continue;
    if (!found || found.version !== entry.version)
      return `node_modules is older than package-lock.json (${where.slice(13)})`;
    if (!existsSync(path.join(root, where, 'package.json')))
      return `node_modules is broken (${where.slice(13)} is gone)`;
  }
  return '';
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** Scripts of packages never run: everything that is needed comes with its package, under the lock file's checksums. */
function npmInstall() {
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=8000',
  ];
  const own = process.env.npm_execpath;
  const argv = own && /\.[cm]?js$/.test(own) ? [process.execPath, own, ...args] : ['npm', ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('error', () =>
      reject(new Refusal('npm is not installed: install npm 10 or newer next to Node.')),
    );
    child.on('close', (code, signal) => resolve({ code, signal, said }));
    process.once('SIGINT', () => child.kill('SIGINT'));
    process.once('SIGTERM', () => child.kill('SIGTERM'));
  });
}

/** The Node 24 from the lock file; else the one that runs this, when it is new enough. */
function findNode() {
  const pinned = path.join(root, 'node_modules', '.bin', 'node');
  const tried = existsSync(pinned) ? spawnSync(pinned, ['--version'], { encoding: 'utf8' }) : undefined;
  if (tried?.status === 0 && majorOf(tried.stdout) >= wantedMajor) return pinned;
  if (majorOf(process.versions.node) >= wantedMajor) return process.execPath;
  throw new Refusal(
    `this needs Node ${wantedMajor}, and the one that comes with the dependencies does not run on ${process.platform}-${process.arch}: ` +
      `install Node ${wantedMajor} or newer (this is ${process.versions.node}).`,
  );
}

/** Runs the command in this terminal; signals and the exit code go through. */
function run(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // Ctrl-C reaches the child from the terminal already; a second one would mean "now, without cleaning up".
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 128 + os.signals[signal] : code));
  });
}
