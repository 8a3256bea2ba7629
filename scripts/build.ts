import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { configJsonSchema } from '@slipway/config';
import { formatDuration } from '@slipway/kernel';
import { licenceNotices } from './licenses.ts';

export const root = path.dirname(import.meta.dirname);

/** Bundles at a time: each takes about a gigabyte and one core. */
const atOnce = 2;
const compiler = path.join(root, 'node_modules/@vercel/ncc/dist/ncc/cli.js');

export interface Built {
  name: string;
  bytes: number;
  gzipped: number;
  ms: number;
}

/** Folders of actions/ that have sources to bundle. */
export function actionNames(): string[] {
  const folder = path.join(root, 'actions');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'src/index.ts')))
    .sort();
}

/**
 * Bundles actions into `out/<name>/`: index.js (not minified, so that it can be reviewed), package.json, licenses.txt,
 * and libpg-query.wasm, byte for byte as its npm package has it, where SQL is read.
 * The bytes depend on the sources and the lock file alone, not on where or when they are built.
 * @throws Error with what the compiler said.
 */
export async function buildActions(
  names: readonly string[],
  out: string,
  done: (built: Built) => void = () => {},
): Promise<Built[]> {
  const waiting = [...names];
  const built: Built[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const one = await buildAction(name, out);
      built.push(one);
      done(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return built.sort((a, b) => a.name.localeCompare(b.name));
}

async function buildAction(name: string, out: string): Promise<Built> {
  const start = performance.now();
  const folder = path.join(out, name);
  const temp = mkdtempSync(path.join(tmpdir(), 'slipway-build-'));
  try {
    const fresh = path.join(temp, 'out');
    await bundle(path.join('actions', name, 'src/index.ts'), fresh, temp);
    addGrammar(fresh);
    writeFileSync(path.join(fresh, 'licenses.txt'), licenceNotices(root));
    // Only now: a build that fails leaves the bundle that was there.
    rmSync(folder, { recursive: true, force: true });
    cpSync(fresh, folder, { recursive: true });
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
  const text = readFileSync(path.join(folder, 'index.js'));
  return { name, bytes: text.length, gzipped: gzipSync(text).length, ms: performance.now() - start };
}

function bundle(entry: string, folder: string, temp: string): Promise<void> {
  const options = ['--target', 'es2022', '--no-cache', '--no-source-map-register'];
  const child = spawn(process.execPath, [compiler, 'build', entry, '-o', folder, ...options], {
    cwd: root,
    env: { ...process.env, TMPDIR: temp },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && existsSync(path.join(folder, 'index.js'))) resolve();
      else reject(new Error(`${entry} cannot be bundled (ncc exited ${code}):\n${withoutStack(said)}`));
    });
  });
}

/** How packages/sql names the WebAssembly of the SQL parser; its package.json maps it to the npm package. */
const grammarImport = '#libpg-query.wasm';

/**
 * Puts the WebAssembly of the SQL parser next to a bundle that reads it, and maps its import there. ncc itself copies no
 * binary for it, and one that it takes for a module it destroys.
 */
function addGrammar(folder: string): void {
  const names = readdirSync(folder);
  for (const name of names.filter((file) => file.endsWith('.wasm'))) rmSync(path.join(folder, name));
  const bundles = names.filter((name) => name.endsWith('.js'));
  if (!bundles.some((name) => readFileSync(path.join(folder, name), 'utf8').includes(grammarImport))) return;
  const wasm = 'libpg-query.wasm';
  copyFileSync(path.join(root, 'node_modules/libpg-query/wasm', wasm), path.join(folder, wasm));
  const manifest = { type: 'module', imports: { [grammarImport]: `./${wasm}` } };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function withoutStack(said: string): string {
  return said
    .split('\n')
    .filter((line) => !/^\s+at |^ncc: /.test(line))
    .join('\n')
    .trim();
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}

/** The file that editors check slipway.yml against. */
export const schemaFile = path.join(root, 'slipway.schema.json');

export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'dist' }, only: { type: 'string', multiple: true } },
  });
  const known = actionNames();
  const unknown = values.only?.find((name) => !known.includes(name));
  if (unknown) throw new Error(`there is no action "${unknown}": choose ${known.join(', ')}`);
  if (!values.only) writeFileSync(schemaFile, schemaText());
  if (known.length === 0) throw new Error('actions/ holds nothing to build');
  await buildActions(values.only ?? known, path.resolve(root, values.out), (built) => {
    const size = `${kilobytes(built.bytes)} (${kilobytes(built.gzipped)} gzipped)`;
    console.log(`${built.name.padEnd(20)} ${size.padEnd(28)} ${formatDuration(built.ms)}`);
  });
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  });
}
