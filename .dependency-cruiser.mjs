// Who may import whom. Read by scripts/imports.ts, which the check and the contract tests run.
// The direction: actions -> runner, config, release, transaction, targets, the middle -> kernel.

/** What each package of the middle may import besides the kernel. */
const middle = {
  platform: [],
  registry: [],
  signals: [],
  report: [],
  sql: [],
  postgres: [],
  backup: ['postgres'],
  migrations: ['sql', 'postgres', 'backup'],
  compose: ['platform', 'registry'],
  kubernetes: ['platform', 'registry'],
  targets: ['platform', 'compose', 'kubernetes'],
  transaction: ['platform', 'registry', 'targets', 'signals'],
};
const names = Object.keys(middle);
const packages = (...names) => `^packages/(?:${names.join('|')})/`;
const development = '^(?:packages/(?:local-runner|test-services)|test|scripts|bench|demo)/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'actions never import actions',
    severity: 'error',
    from: { path: '^actions/([^/]+)/' },
    to: { path: '^actions/', pathNot: '^actions/$1/' },
  },
  {
    name: 'kernel imports no package of ours',
    severity: 'error',
    from: { path: packages('kernel') },
    to: { path: ['^packages/', '^actions/'], pathNot: packages('kernel') },
  },
  {
    name: 'packages never import actions',
    severity: 'error',
    from: { path: '^packages/' },
    to: { path: '^actions/' },
  },
  ...names.map((name) => ({
    name: `${name} never imports its neighbours or the runner`,
    severity: 'error',
    from: { path: packages(name) },
    to: {
      path: packages('runner', ...names.filter((other) => other !== name && !middle[name].includes(other))),
    },
  })),
  {
    name: 'the middle takes config and release as types only',
    severity: 'error',
    // But for the transaction, which drives the protocol of the release.
    from: { path: packages(...names.filter((name) => name !== 'transaction')) },
    to: { path: packages('config', 'release'), dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'config and release import nothing but the kernel',
    severity: 'error',
    from: { path: '^packages/(config|release)/' },
    to: { path: '^packages/', pathNot: ['^packages/$1/', packages('kernel')] },
  },
  {
    name: 'the runner imports config, release and the kernel only',
    severity: 'error',
    from: { path: packages('runner') },
    to: { path: '^packages/', pathNot: packages('runner', 'config', 'release', 'kernel') },
  },
  {
    name: 'nothing shipped imports what is for development',
    severity: 'error',
    from: { path: '^(?:packages|actions)/', pathNot: development },
    to: {
      path: [
        development,
        '^node_modules/(?:@actions/(?:expressions|workflow-parser|languageservice)|jest|@jest|playwright-core|fast-check)/',
      ],
    },
  },
  {
    name: 'shipped code imports production dependencies only',
    severity: 'error',
    from: { path: '^(?:packages|actions)/', pathNot: [development, '^packages/[^/]+/scripts/'] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'the pure rooms of kubernetes import no other room',
    severity: 'error',
    from: { path: '^packages/kubernetes/src/(?:manifests|snapshot|verdict)/' },
    to: {
      path: '^packages/kubernetes/src/',
      pathNot: '^packages/kubernetes/src/(?:manifests/|snapshot/|verdict/|marks\\.ts)',
    },
  },
  {
    name: 'the cluster of kubernetes imports pure rooms only',
    severity: 'error',
    from: { path: '^packages/kubernetes/src/cluster/' },
    to: {
      path: '^packages/kubernetes/src/',
      pathNot: '^packages/kubernetes/src/(?:cluster/|manifests/|snapshot/|verdict/|marks\\.ts)',
    },
  },
  {
    name: 'every import is found',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    // Of types as well: files in a circle cannot be read, moved or split one at a time.
    name: 'no cycles',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'every module is used',
    severity: 'error',
    from: { orphan: true, path: '^(?:packages|actions)/[^/]+/src/' },
    to: {},
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|node_modules/\\.cache)/|\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
