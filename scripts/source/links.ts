import { existsSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { root } from './files.ts';

/** Links of a Markdown file to a file or a heading that does not exist. */
export function brokenLinks(file: string, text: string): string[] {
  return linksIn(text)
    .filter((link) => !isThere(file, link))
    .map((link) => `${file}: link to ${link}`);
}

function linksIn(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function isThere(file: string, link: string): boolean {
  const [name = '', anchor] = link.split('#');
  const target = name === '' ? path.join(root, file) : path.resolve(root, path.dirname(file), name);
  if (!existsSync(target)) return false;
  if (anchor === undefined || !target.endsWith('.md') || statSync(target).isDirectory()) return true;
  return headingAnchors(readFileSync(target, 'utf8')).has(anchor);
}

/** The anchors that GitHub gives to the headings of a page. */
function headingAnchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}
