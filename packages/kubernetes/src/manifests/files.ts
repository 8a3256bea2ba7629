import { readdir, readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';

/** Renders a kustomize directory (absolute path), as `kubectl kustomize` does. */
export type Kustomize = (directory: string) => Promise<string>;

/** One text with objects in it. */
export interface ManifestText {
  /** Relative to the workspace, with `/`. */
  file: string;
  content: string;
}

export interface Found {
  texts: ManifestText[];
  problems: string[];
}

const manifest = /\.(?:yaml|yml|json)$/;
const kustomization: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/** Reads one configured path: a file, a folder of files, or a kustomize directory. */
export async function findTexts(given: string, workspace: string, kustomize: Kustomize): Promise<Found> {
  const shown = shownPath(given);
  const full = path.resolve(workspace, given);
  const found = await stat(full).catch(() => null);
  if (!found)
    return problem(
      `${shown}:1: no such file or folder in the checkout; correct kubernetes.manifests or commit it`,
    );
  if (!found.isDirectory()) {
    if (kustomization.has(path.basename(full)))
      return problem(
        `${shown}:1: expected manifests, found a kustomization; name its folder "${path.dirname(shown)}"`,
      );
    return { texts: [{ file: shown, content: await readFile(full, 'utf8') }], problems: [] };
  }
  const names = await readdir(full);
  if (names.some((name) => kustomization.has(name))) return render(shown, full, kustomize);
  return readFolder(shown, full);
}

async function render(shown: string, full: string, kustomize: Kustomize): Promise<Found> {
  try {
    return { texts: [{ file: `${shown} (kustomize)`, content: await kustomize(full) }], problems: [] };
  } catch (error) {
    // Only what the user can fix is listed with the rest.
    if (!(error instanceof UserError)) throw error;
    return problem(
      `${shown}:1: kustomize cannot render it: ${error.message}${error.hint ? `; ${error.hint}` : ''}`,
    );
  }
}

async function readFolder(shown: string, full: string): Promise<Found> {
  const files = (await walk(full, '')).sort();
  const nested = files.filter((file) => kustomization.has(path.posix.basename(file)));
  if (nested.length > 0)
    return {
      texts: [],
      problems: nested.map((file) => {
        const folder = path.posix.join(shown, path.posix.dirname(file));
        return `${path.posix.join(shown, file)}:1: a kustomize directory inside a folder of plain manifests; name "${folder}" in kubernetes.manifests instead of "${shown}"`;
      }),
    };
  const wanted = files.filter((file) => manifest.test(file));
  if (wanted.length === 0)
    return problem(
      `${shown}:1: expected *.yaml, *.yml or *.json in the folder, found none; correct kubernetes.manifests`,
    );
  const texts = wanted.map(async (file) => ({
    file: path.posix.join(shown, file),
    content: await readFile(path.join(full, file), 'utf8'),
  }));
  return { texts: await Promise.all(texts), problems: [] };
}

/** Files below a folder. Hidden files are not manifests, and links to folders could form a circle. */
async function walk(root: string, below: string): Promise<string[]> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true });
  const found = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map(async (entry): Promise<string[]> => {
      const file = path.posix.join(below, entry.name);
      if (entry.isDirectory()) return walk(root, file);
      const isFile = entry.isFile() || (await stat(path.join(root, file)).catch(() => null))?.isFile();
      return isFile ? [file] : [];
    });
  return (await Promise.all(found)).flat();
}

function shownPath(given: string): string {
  const normal = path.posix.normalize(given.replaceAll('\\', '/'));
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

function problem(sentence: string): Found {
  return { texts: [], problems: [sentence] };
}
