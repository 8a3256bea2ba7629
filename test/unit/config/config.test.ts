import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import { parseDocument } from 'yaml';
import { locate } from '../../../packages/config/src/locate.ts';

type Sections = Parameters<typeof loadConfig>[0]['uses'];

function load(
  text: string,
  env: Record<string, string> = {},
  uses: Sections = [],
  environment = 'production',
) {
  return loadConfig({ file: 'slipway.yml', text, environment, env, uses });
}

/** The problems as `line:column: message`. */
function problems(...given: Parameters<typeof load>): string[] {
  try {
    return load(...given) && [];
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const lines = (error as UserError).message.split('\n').filter((line) => !line.startsWith('the '));
    expect(lines.filter((line) => !/^slipway\.yml:\d+:\d+: /.test(line))).toEqual([]);
    return lines.map((line) => line.replace('slipway.yml:', ''));
  }
}

const good = `app: docsense
services:
  backend: {image: registry.example.com/backend}
`;

describe('what is wrong is said with its place, what was expected and what was found', () => {
  test.each<[string, string, string[]]>([
    [
      'a wrong key, with a suggestion',
      `${good}smoke:\n  chekcs: [{path: /health}]\n`,
      [
        '4:1: "smoke.checks": expected a list, but it is missing',
        '5:3: unknown key "smoke.chekcs"; did you mean "checks"?',
      ],
    ],
    [
      'a wrong key at the top',
      `${good}servces: {}\n`,
      ['4:1: unknown key "servces"; did you mean "services"?'],
    ],
    [
      'a key that is like no other',
      `${good}watch:\n  scrape:\n    urls: [http://a.example.com]\n    zzzzzz: 1\n`,
      ['7:5: unknown key "watch.scrape.zzzzzz"; known keys: urls, samples, instance-label'],
    ],
    [
      'a wrong type',
      'app: docsense\nservices:\n  backend:\n    image: 5\n',
      ['4:12: "services.backend.image": expected text, found 5'],
    ],
    [
      'no reverse proxy where one is announced',
      `${good}compose: {files: [c.yml], proxy: {}}\n`,
      ['4:34: "compose.proxy": expected exactly one reverse proxy (nginx), found a mapping'],
    ],
    [
      'a key of the reverse proxy that is unknown',
      `${good}compose: {files: [c.yml], proxy: {nginx: {port: {}, ports: {}}}}\n`,
      ['4:43: unknown key "compose.proxy.nginx.port"; did you mean "ports"?'],
    ],
    [
      'a wrong duration',
      `${good}watch: {for: 30 minutes}\n`,
      ['4:14: "watch.for": expected a duration such as 90s, 30m or 1h30m, found "30 minutes"'],
    ],
    [
      'a wrong percentage',
      `${good}watch:\n  slo: {errors: 0.01}\n`,
      [
        '5:17: "watch.slo.errors": expected a percentage above 0% and below 100%, such as 1% or 0.5%, found 0.01',
      ],
    ],
    [
      'a percentage of a hundred',
      `${good}watch:\n  slo: {errors: 100%}\n`,
      [
        '5:17: "watch.slo.errors": expected a percentage above 0% and below 100%, such as 1% or 0.5%, found "100%"',
      ],
    ],
    [
      'one of several types',
      `${good}preflight: {reviews: {approvals: two}}\n`,
      ['4:34: "preflight.reviews.approvals": expected a whole number, found "two"'],
    ],
    [
      'a word that is none of the known',
      `${good}preflight: {gate: maybe}\n`,
      ['4:19: "preflight.gate": expected "required" or "optional", found "maybe"'],
    ],
    [
      'a number out of bounds',
      `${good}smoke: {checks: [{path: /, status: 42}]}\n`,
      ['4:36: "smoke.checks.0.status": expected a number of at least 100, found 42'],
    ],
    [
      'an empty list',
      `${good}smoke: {checks: []}\n`,
      ['4:17: "smoke.checks": expected a list of at least 1 item, found a list'],
    ],
    [
      'a name that no container may have',
      'app: docsense\nservices:\n  Back End: {image: a/b}\n',
      [
        '3:3: "services.Back End": expected lower-case letters, digits, "-" and "_", starting with a letter or digit, found the key "Back End"',
      ],
    ],
    [
      'a program that is not known',
      `${good}programs:\n  dokcer: {version: "1", url: https://example.com, sha256: "0"}\n`,
      ['5:3: unknown key "programs.dokcer"; did you mean "docker"?'],
    ],
    [
      'no service at all',
      'app: docsense\nservices: {}\n',
      ['2:11: "services": expected at least one service, found a mapping'],
    ],
    ['a missing section', 'app: docsense\n', ['1:1: "services": expected a mapping, but it is missing']],
    [
      'a duplicate key',
      `${good}app: other\n`,
      ['4:1: expected each key once, found a duplicate of a key above'],
    ],
    [
      'broken YAML',
      `${good}smoke: [\n`,
      [expect.stringMatching(/^5:1: expected valid YAML, found: .*\]/) as never],
    ],
    ['an alias without anchor', `${good}smoke: *none\n`, ['4:8: expected an anchor &none above, found none']],
    ['a list', '- app\n', ['1:1: expected a mapping with "app" and "services", found a list']],
    ['nothing', '', ['1:1: expected a mapping with "app" and "services", found an empty file']],
  ])('%s', (_title, text, expected) => expect(problems(text)).toEqual(expected));
});

describe('${NAME}', () => {
  const database = `${good}database:\n  url: postgresql://\${USER_NAME}@db/\${DB}\n`;

  test('is replaced in values, and stays text', () => {
    const loaded = load(database, { USER_NAME: '007', DB: 'docs' }, ['database']);
    expect(loaded.database?.url).toBe('postgresql://007@db/docs');
  });

  test('each unset or empty name is a separate problem', () =>
    expect(problems(database, { DB: '' }, ['database'])).toEqual([
      '5:8: "database.url": expected the environment variable USER_NAME, which is not set in this step',
      '5:8: "database.url": expected the environment variable DB, which is empty in this step',
    ]));

  test('is not asked for in sections that are not read, whatever their types are', () => {
    const text = `${database}smoke: {base: "\${BASE}", within: "\${WITHIN}", checks: [{path: /}]}\n`;
    expect(load(text, {}, ['services'])).toEqual({ app: 'docsense', services: expect.anything() });
  });

  describe('of a section of which only some keys are read', () => {
    const text = `${database}  migrations: {dir: "\${DIR}"}\n  backup: {to: "\${BACKUP_DIR}", encrypt: {identity: "\${KEY}"}}\n`;
    const uses: Sections = ['database.url', 'database.migrations'];

    test('is asked for in these, which are all that comes of it', () => {
      expect(problems(text, { USER_NAME: 'u' }, uses)).toEqual([
        '5:8: "database.url": expected the environment variable DB, which is not set in this step',
        '6:21: "database.migrations.dir": expected the environment variable DIR, which is not set in this step',
      ]);
      const loaded = load(text, { USER_NAME: 'u', DB: 'd', DIR: 'm' }, uses);
      expect(loaded.database).toEqual({
        url: 'postgresql://u@db/d',
        migrations: expect.objectContaining({ dir: 'm', 'out-of-order': 'refuse' }),
      });
    });

    test('is asked for where it stands for all of them, and for none of a section that is not there', () => {
      expect(problems(`${good}database: "\${DB}"\n`, {}, uses)).toEqual([
        '4:11: "database": expected the environment variable DB, which is not set in this step',
      ]);
      expect(load(good, {}, uses)).toEqual({ app: 'docsense' });
    });

    test('the rest is judged all the same', () => {
      const wrong = `${text}  lock-timeout: soon\n  shadow: x\n`;
      expect(problems(wrong, { USER_NAME: 'u', DB: 'd', DIR: 'm' }, uses)).toEqual([
        expect.stringMatching(/^8:17: "database.lock-timeout": expected a duration/),
        expect.stringMatching(/^9:3: unknown key "database.shadow"/),
      ]);
    });
  });

  test('is refused in keys and with odd names', () =>
    expect(
      problems(
        'app: a\nservices:\n  ${NAME}: {image: x}\n  b: {image: "${no name}"}\n  c: {image: "${NAME"}\n',
        {},
        ['services'],
      ),
    ).toEqual([
      '3:3: "services.${NAME}": expected ${NAME} only in values, found it in a key',
      '4:14: "services.b.image": expected ${NAME} with the name of an environment variable, found "${no name}"',
      '5:14: "services.c.image": expected "}" after "${", found the end of the value',
    ]));

  test('never shows in a problem what it stands for', () => {
    const text = `${good}smoke: {base: "\${BASE}", checks: [{path: /}]}\n`;
    expect(problems(text, { BASE: 'hunter22' }, ['smoke'])).toEqual([
      '4:15: "smoke.base": expected an http:// or https:// URL, found ${BASE}, whose value has 8 characters',
    ]);
  });
});

describe('the target', () => {
  const compose = 'compose: {files: [c.yml], proxy: {nginx: {ports: {web: 80}}}}\n';
  const kubernetes = 'kubernetes: {namespace: shop, manifests: [k8s]}\n';

  test.each<[string, string, object | null]>([
    ['Compose', compose, { name: 'compose', config: { files: ['c.yml'], proxy: { name: 'nginx' } } }],
    ['Kubernetes', kubernetes, { name: 'kubernetes', config: { namespace: 'shop' } }],
    ['none', '', null],
    [
      'of the environment alone',
      `environments: {production: {${kubernetes.trim()}}}\n`,
      { name: 'kubernetes' },
    ],
  ])('%s', (_title, text, expected) => {
    const { target } = load(`${good}${text}`, {}, ['target']);
    if (expected === null) expect(target).toBeNull();
    else expect(target).toMatchObject(expected);
  });

  test('two are refused, but only by a step that needs one', () => {
    expect(() => load(`${good}${compose}${kubernetes}`, {}, ['target'])).toThrow(
      'the configuration has 2 platforms: "compose" and "kubernetes"',
    );
    expect(load(`${good}${compose}${kubernetes}`, {}, ['services'])).not.toHaveProperty('target');
  });
});

describe('environments', () => {
  const text = `${good}smoke: {base: "\${LIVE_URL}", checks: [{path: /a}]}
environments:
  staging:
    smoke:
      base: https://staging.example.com
      checks: [{path: /b}, {pth: /c}]
    services: {backend: {start-timeout: soon}}
`;

  test('override key by key, lists as a whole; what they replace need not be set', () => {
    const fixed = text.replace('{pth: /c}', '{path: /c}').replace('soon', '5s');
    const loaded = load(fixed, {}, ['smoke', 'services'], 'staging');
    expect(loaded.smoke?.base).toBe('https://staging.example.com');
    expect(loaded.smoke?.checks.map(({ path }) => path)).toEqual(['/b', '/c']);
    expect(loaded.services.backend).toMatchObject({
      image: 'registry.example.com/backend',
      'start-timeout': 5000,
    });
  });

  const inOverride = [
    '9:29: unknown key "smoke.checks.1.pth"; did you mean "path"?',
    '10:41: "services.backend.start-timeout": expected a duration such as 90s, 30m or 1h30m, found "soon"',
  ];
  test('problems point into the override', () => {
    expect(problems(text, {}, ['smoke'], 'staging')).toEqual(inOverride);
  });

  test('other environments are checked too, without their variables', () => {
    expect(problems(text, { LIVE_URL: 'https://example.com' }, ['smoke'])).toEqual(inOverride);
    expect(
      problems(`${good}environments: {staging: {smoke: {base: "\${X}", checks: [{path: /}]}}}\n`),
    ).toEqual([]);
  });

  test('what an environment completes is not asked of the others', () => {
    const split = `${good}smoke: {within: 5s}\nenvironments:\n  production: {smoke: {checks: [{path: /}]}}\n  staging: {watch: {for: 5m}}\n`;
    expect(problems(split)).toEqual([]);
    expect(problems(split, {}, [], 'staging')).toEqual([
      '4:1: "smoke.checks": expected a list, but it is missing',
    ]);
  });

  test('a list that was replaced is not looked up in the base', () => {
    const document = parseDocument('a: [{b: 1}]\nenvironments: {e: {a: [{c: 2}]}}\n');
    expect(locate(document, 'e', ['a', '0', 'b'], 'value')).toEqual({ offset: 35, overridden: true });
    expect(locate(document, 'other', ['a', '0', 'b'], 'value')).toEqual({ offset: 8, overridden: false });
  });

  test('must be mappings', () => {
    expect(problems(`${good}environments: [staging]\n`)).toEqual([
      '4:15: "environments": expected a mapping of names to overrides',
    ]);
    expect(problems(`${good}environments:\n  staging: 5\n  empty:\n`)).toEqual([
      '5:12: "environments.staging": expected a mapping of keys to override',
    ]);
  });
});
