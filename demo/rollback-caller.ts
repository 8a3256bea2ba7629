import { parse, stringify } from 'yaml';
import * as z from 'zod';

/** Where the repository of the stage has the workflow. */
export const rollbackWorkflow = '.github/workflows/rollback-demo.yml';

const callerSchema = z.object({
  jobs: z.object({ deploy: z.looseObject({ uses: z.string(), with: z.record(z.string(), z.unknown()) }) }),
});

/** The workflow by which a person calls rollback.yml: for the environment that a caller of deploy.yml releases to. */
export function rollbackCaller(caller: string): string {
  const { deploy } = callerSchema.parse(parse(caller)).jobs;
  return stringify({
    name: 'Rollback',
    on: { workflow_dispatch: { inputs: { to: { type: 'string', default: 'previous' } } } },
    permissions: {},
    jobs: {
      rollback: {
        ...deploy,
        name: 'Roll back',
        permissions: { contents: 'read' },
        uses: deploy.uses.replace('deploy.yml', 'rollback.yml'),
        with: { ...deploy.with, to: '${{ inputs.to }}' },
      },
    },
  });
}
