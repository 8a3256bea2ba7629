import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import {
  architectureFile,
  packageGraph,
  readPackageGraph,
  refreshArchitecture,
  renderGraph,
} from '../../scripts/architecture.ts';
import { maxColumns, wrapLine } from '../../scripts/wrap.ts';
import { root } from '../support/action.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'actions/*/*.md'], { cwd: root }).sort();
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Lines that can be broken: tables, code, headings and generated markers cannot. */
function longLines(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '');
  return prose
    .split('\n')
    .filter((line) => line.length > maxColumns && !/^\s*(?:\||#|<!--)/.test(line))
    .filter((line) =>
      /\s/.test(
        line
          .trim()
          .replace(/^[-*\d.]+\s+/, '')
          .replace(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, ''),
      ),
    );
}

test.each(pages)('%s is wrapped at 120 columns', (file) => expect(longLines(read(file))).toEqual([]));

test('README.md is an introduction of at most 200 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
});

test('a line is long when a word of it could be on the next one', () => {
  const long = 'word '.repeat(30).trim();
  expect(longLines(`${long}\n\n| ${long} |\n\n\`\`\`\n${long}\n\`\`\`\n`)).toEqual([long]);
  expect(wrapLine('- ', '  ', long).join('\n')).toMatch(/^- word[^\n]{0,118}\n {2}word/);
  expect(longLines(wrapLine('', '', long).join('\n'))).toEqual([]);
});

test.each(['README.md', 'docs/kubernetes.md'])('the smallest configuration in %s is accepted', (file) => {
  const block = /^ *```yaml\n( *app: [\s\S]*?)^ *```/m.exec(read(file))?.[1] ?? '';
  const text = block.replace(/^ {3}/gm, block.startsWith(' ') ? '' : '   ');
  const load = () =>
    loadConfig({
      file,
      text,
      environment: 'production',
      env: { KUBE_CONFIG: 'k' },
      uses: ['services', 'kubernetes'],
    });
  expect(load()).toMatchObject({ app: 'docsense', services: { backend: {} } });
});

describe('the picture of the packages', () => {
  test('is what the sources import', async () => {
    const page = readFileSync(architectureFile, 'utf8');
    expect(refreshArchitecture(page, await readPackageGraph())).toBe(page);
  }, 60_000);

  test('has an arrow for each import that no longer path implies', () => {
    const dependencies = (...files: string[]) =>
      files.map((resolved) => ({ resolved })) as unknown as Parameters<
        typeof packageGraph
      >[0][number]['dependencies'];
    const graph = packageGraph([
      {
        source: 'actions/a/src/a.ts',
        dependencies: dependencies('packages/one/src/index.ts', 'packages/two/src/index.ts'),
      },
      {
        source: 'packages/one/src/x.ts',
        dependencies: dependencies('packages/two/src/index.ts', 'node_modules/z/z.js'),
      },
      { source: 'packages/two/src/index.ts', dependencies: [] },
      { source: 'packages/local-runner/src/index.ts', dependencies: [] },
    ]);
    expect(renderGraph(graph)).toBe(
      ['```mermaid', 'flowchart TD', '  actions --> one', '  one --> two', '```'].join('\n'),
    );
    expect(() => packageGraph([])).toThrow(/no package/);
  });
});
