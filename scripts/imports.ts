import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';

const project = path.dirname(import.meta.dirname);

/**
 * Imports that go against the rules of `.dependency-cruiser.mjs`, each as one line: rule, from, to.
 * @throws Error when there is nothing to look at: no module is not the same as no violation.
 */
export async function checkImports(root = project): Promise<string[]> {
  const rules = pathToFileURL(path.join(project, '.dependency-cruiser.mjs')).href;
  const { forbidden, options } = ((await import(rules)) as { default: IConfiguration }).default;
  const folders = ['packages', 'actions'].filter((folder) => existsSync(path.join(root, folder)));
  const { output } = await cruise(folders, {
    ...options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: forbidden ?? [] },
    outputType: 'json',
  } as Parameters<typeof cruise>[1]);
  const { summary } = (typeof output === 'string' ? JSON.parse(output) : output) as ICruiseResult;
  if (summary.totalCruised === 0) throw new Error(`no module found in ${root}`);
  return summary.violations.map(({ rule, from, to, cycle }) => {
    const route = cycle ? cycle.map(({ name }) => name).join(' -> ') : to;
    return from === to ? `${rule.name}: ${from}` : `${rule.name}: ${from} -> ${route}`;
  });
}

if (import.meta.main) {
  const violations = await checkImports(process.argv[2] && path.resolve(process.argv[2]));
  for (const violation of violations) console.error(violation);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
