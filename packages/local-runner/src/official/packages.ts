import './json-imports.ts';

/** The official parser of workflow files. Loaded late, because the hook for its JSON imports must stand before. */
export function workflowParser(): Promise<typeof import('@actions/workflow-parser')> {
  return import('@actions/workflow-parser');
}

/** The official parser of action.yml. */
export function actionParser(): Promise<typeof import('@actions/workflow-parser/actions/index')> {
  return import('@actions/workflow-parser/actions/index');
}

/** The linter of GitHub's editor extensions. */
export function languageService(): Promise<typeof import('@actions/languageservice')> {
  return import('@actions/languageservice');
}

/** What the linter remembers of files that it has parsed, by their address. */
export function parsedWorkflows(): Promise<typeof import('@actions/languageservice/utils/workflow-cache')> {
  return import('@actions/languageservice/utils/workflow-cache');
}
