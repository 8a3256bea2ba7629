import { expect, test } from '@jest/globals';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import { logLines } from '../../../packages/kubernetes/src/cluster/logs.ts';
import { exited } from '../../support/command-result.ts';

test('the log of what failed is waited for briefly, since the old version comes back after it', async () => {
  const limits: (string | undefined)[] = [];
  const kubectl = new Kubectl(
    async ({ argv }) => {
      limits.push(argv.find((one) => one.startsWith('--request-timeout=')));
      return exited(1, { stderr: 'Error from server: the node does not answer' });
    },
    { kubectl: ['kubectl'] },
    { namespace: 'shop' },
  );
  const lines = await logLines(kubectl, {
    signature: 'init-failing',
    severity: 'sustained',
    graceMs: 0,
    subjects: ['web-1'],
    container: 'web',
    what: '',
    remedy: '',
    logs: 'previous',
  });
  expect(lines).toEqual(['(web-1/web: no output, or its log is gone)']);
  expect(limits).toEqual(['--request-timeout=5s', '--request-timeout=5s']);
});
