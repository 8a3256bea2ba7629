import { describe, expect, test } from '@jest/globals';
import { clusterError } from '../../../packages/kubernetes/src/cluster/cluster-error.ts';
import { readRefusal } from '../../../packages/kubernetes/src/cluster/refusal.ts';
import { exited } from '../../support/command-result.ts';

describe('a refusal of the API server', () => {
  test.each([
    'Error from server: failed to create typed patch object (default/app; /v1, Kind=Secret): .stringData: expected map, got &value.valueUnstructured{Value:12345678}',
    'The Secret "app" is invalid: data[password]: Invalid value: "aHVudGVyMg==": must be valid base64',
    'The Secret "app" is invalid: type: Invalid value: 12345678: field cannot be changed',
  ])('never repeats what a Secret holds: %#', (words) => {
    const said = readRefusal(words)?.what ?? '';
    expect(said).toMatch(/\*\*\*/);
    expect(said).not.toMatch(/12345678|aHVudGVyMg/);
  });

  test('names what wants quotes', () => {
    const words =
      'failed to create typed patch object (default/app; /v1, Kind=Secret): .stringData.password: expected string, got &value.valueUnstructured{Value:12345678}';
    expect(readRefusal(words)?.what).toBe('stringData.password must be a string');
  });

  test('repeats what is wrong elsewhere', () => {
    const words =
      'The Service "web" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535';
    expect(readRefusal(words)?.what).toContain('Invalid value: 99999');
  });
});

describe('a name that does not resolve', () => {
  const failed = (stderr: string) => clusterError('inspect', exited(1, { stderr }));
  test.each([
    'lookup k8s.example.com: i/o timeout',
    'lookup k8s.example.com on 10.0.0.2:53: server misbehaving',
  ])('for a moment: %s', (words) =>
    expect(failed(`Unable to connect to the server: dial tcp: ${words}`).name).toBe('ClusterUnreachable'),
  );
  test('at all', () =>
    expect(failed('Unable to connect to the server: dial tcp: lookup x: no such host').name).toBe(
      'UserError',
    ));
});
