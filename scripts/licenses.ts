import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

interface Locked {
  version?: string;
  link?: boolean;
  dev?: boolean;
}

/** Works on the runner of the build, in no bundle. */
const notBundled = /^node_modules\/node-(?:linux|darwin|win)-[a-z0-9]+$/;

/** Folders of the packages that bundles are made of, as package-lock.json has them. */
export function productionPackages(root: string): string[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages as Record<string, Locked>)
    .filter(([where, { link, dev }]) => where.startsWith('node_modules/') && !link && !dev)
    .map(([where]) => where)
    .filter((where) => !notBundled.test(where))
    .sort();
}

/** The SPDX expression of an installed package; old packages write it as an object or a list. */
export function licenceOf(root: string, where: string): string {
  const { license, licenses } = JSON.parse(readFileSync(path.join(root, where, 'package.json'), 'utf8'));
  const named = license ?? licenses?.[0];
  return (typeof named === 'object' ? named?.type : named) ?? 'none';
}

/**
 * The notices of everything that bundles may hold, for the file next to each. ncc's own list has the last chunk of a
 * bundle only.
 * @throws Error when a package that is in the lock file is not installed.
 */
export function licenceNotices(root: string): string {
  const notices = productionPackages(root).map((where) => {
    const folder = path.join(root, where);
    if (!existsSync(folder)) throw new Error(`${where} is not installed: run npm ci`);
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder)
      .sort()
      .find((one) => /^(licen[cs]e|copying)(\.|-|$)/i.test(one));
    const text = file === undefined ? '' : `\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
    return `${name} ${version}\n${licenceOf(root, where)}\n${text}`;
  });
  return `${notices.join('\n---\n\n')}`;
}
