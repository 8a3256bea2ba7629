import { globSync } from 'node:fs';
import * as path from 'node:path';

/** The folder of the project. */
export const root = path.dirname(path.dirname(import.meta.dirname));

/** Packages for development: they are in no bundle. */
const developmentPackages = ['local-runner', 'test-services'];

const shipped = '{actions,packages}/*/src/**/*.ts';
const isDevelopment = new RegExp(`^packages/(?:${developmentPackages.join('|')})/`);

/** TypeScript files that end up in `dist/`, by their path from the root, sorted. */
export function shippedSources(at = root): string[] {
  return globSync(shipped, { cwd: at })
    .filter((file) => !isDevelopment.test(file))
    .sort();
}

/** Files whose path is, or is below, one of the folders; all of them when there is none. */
export function within(files: readonly string[], folders: readonly string[]): string[] {
  const wanted = folders.map((folder) => path.relative(root, path.resolve(folder)));
  return files.filter(
    (file) => wanted.length === 0 || wanted.some((one) => file === one || file.startsWith(`${one}/`)),
  );
}
