import { expect, test } from '@jest/globals';
import { OutsideText, Redactor, systemClock } from '../../../packages/kernel/src/index.ts';
import { inspectWorkload } from '../../../packages/kubernetes/src/cluster/inspect-workload.ts';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import { judge } from '../../../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../../../packages/kubernetes/src/verdict/model.ts';
import { exited, made } from './recorded/made.ts';
import { type Raw, watchedIn } from './recorded/recordings.ts';

const secret = 'hunter2-hunter2-hunter2';

/** A cluster that answers with these objects. */
function viewOf(list: Raw) {
  const redactor = new Redactor();
  redactor.add(secret);
  const stdout = OutsideText.of(JSON.stringify(list), redactor);
  const stderr = OutsideText.of('', redactor);
  const result = { ok: true, state: 'exited', code: 0, ms: 1, stdout, stderr } as const;
  const kubectl = new Kubectl(async () => result, { kubectl: ['kubectl'] }, { namespace: 'shop' });
  return { kubectl, clock: systemClock };
}

test.each([0, 5, 10, 15])(
  'a secret in a message is not shown where the message is cut, %s',
  async (shift) => {
    // 300 characters of a message are quoted: the cut is in the middle of the secret.
    const message = `${'x'.repeat(280 + shift)} ${secret} password=s3cr3t-pw`;
    const list = made({ pods: [exited(3, 1, 'Error', message)] });
    const snapshot = await inspectWorkload(viewOf(list), { kind: 'Deployment', name: 'web' });
    const { judgement } = judge(snapshot, watchedIn(list), emptyMemory);
    expect(judgement.state).toBe('failed');
    expect(JSON.stringify([judgement, snapshot])).not.toMatch(/hunter|s3cr3t/);
  },
);
