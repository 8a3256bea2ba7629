import { describe, expect, test } from '@jest/globals';
import type { PodTemplate, Snapshot } from '../../../packages/kubernetes/src/snapshot/snapshot.ts';
import { configChanges, templateDiff } from '../../../packages/kubernetes/src/verdict/template-diff.ts';
import { snapshotOf } from './recorded/judging.ts';
import { type Made, made } from './recorded/made.ts';
import { type Raw, recorded } from './recorded/recordings.ts';

const seen = (of: Made | Raw): Snapshot => snapshotOf(of.items ? of : made(of), 60);

describe('what changed between two releases', () => {
  test('a line each, and no value of a literal', () => {
    const before = seen({
      template: {
        container: {
          image: 'web:1',
          resources: { limits: { memory: '512Mi' } },
          env: [
            { name: 'A', value: 'hunter1' },
            { name: 'OLD', value: 'x' },
            { name: 'K', value: 'y' },
          ],
          readinessProbe: { httpGet: { path: '/', port: 80 } },
        },
      },
    });
    const after = seen({
      template: {
        container: {
          image: 'web:2',
          command: ['run'],
          resources: { limits: { memory: '256Mi' }, requests: { cpu: '1' } },
          env: [
            { name: 'A', value: 'hunter2' },
            { name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'app', key: 'DB_URL' } } },
            { name: 'K', valueFrom: { secretKeyRef: { name: 'app', key: 'K' } } },
          ],
          readinessProbe: { httpGet: { path: '/health', port: 80 } },
        },
      },
    });
    const lines = templateDiff(
      before.workload?.template as PodTemplate,
      after.workload?.template as PodTemplate,
      {
        conf: { before: 'a', after: 'b' },
        same: { before: 'a', after: 'a' },
        more: { before: null, after: 'b' },
      },
    );
    expect(lines).toEqual([
      'web: image web:1 -> web:2',
      'web: command changed',
      'web: env + DB_URL (secret app/DB_URL)',
      'web: env - OLD',
      'web: env A value changed',
      'web: env K literal -> secret app/K',
      'web: memory limit 512Mi -> 256Mi',
      'web: cpu request none -> 1',
      'web: readiness probe GET / on port 80, 0 s + 3 x 10 s -> GET /health on port 80, 0 s + 3 x 10 s',
      'configmap conf content changed',
      '+ configmap more',
    ]);
    expect(lines.join()).not.toContain('hunter');
  });

  test('of the pod, and containers that came or went', () => {
    const before = seen(recorded('good-later')).workload?.template as PodTemplate;
    const after: PodTemplate = {
      ...before,
      serviceAccount: 'deployer',
      pullSecrets: ['registry'],
      initContainers: [{ ...before.containers[0], name: 'migrate' } as never],
    };
    expect(templateDiff(before, after)).toEqual([
      expect.stringMatching(/^\+ init container migrate \(local\/ks-app/),
      'service account none -> deployer',
      'pull secrets none -> registry',
    ]);
    expect(templateDiff(before, before)).toEqual([]);
  });

  test('ConfigMaps of the two releases are compared by their content, whatever the order of its keys', () => {
    const config = (name: string, data: object): object => ({ kind: 'ConfigMap', metadata: { name }, data });
    const [was, is] = [
      [config('same', { A: '1', B: '2' }), config('changed', { A: '1' }), config('gone', {})],
      [config('same', { B: '2', A: '1' }), config('changed', { A: '2' }), config('new', {})],
    ];
    const lines = templateDiff(
      seen({}).workload?.template as PodTemplate,
      seen({}).workload?.template as PodTemplate,
      configChanges(was, is),
    );
    expect(lines).toEqual(['configmap changed content changed', '- configmap gone', '+ configmap new']);
  });
});
