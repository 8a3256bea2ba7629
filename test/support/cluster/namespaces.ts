import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import {
  type ClusterFixture,
  makeNamespace,
  type NamespaceFixture,
  type NamespaceOptions,
  startClusterFixture,
} from './fixture.ts';

/**
 * A cluster for the tests of a file, which make namespaces themselves.
 * @param take Called with it before the first test. @returns Makes a namespace, which is cleared after the test.
 */
export function clusterForAll(
  take: (cluster: ClusterFixture) => void,
): (options?: NamespaceOptions) => Promise<NamespaceFixture> {
  let cluster: ClusterFixture;
  const namespaces: NamespaceFixture[] = [];
  beforeAll(async () => {
    cluster = await startClusterFixture();
    take(cluster);
  }, 240_000);
  afterAll(() => cluster?.stop());
  afterEach(async () => {
    for (const namespace of namespaces.splice(0)) await namespace.clear();
  }, 60_000);
  return async (options = {}) => {
    const namespace = await makeNamespace(cluster, options);
    if (!options.on) namespaces.push(namespace);
    return namespace;
  };
}

/**
 * A cluster for the tests of a file, and a namespace for each.
 * @param take Called with both before each test. @returns As `clusterForAll`.
 */
export function namespaceEach(
  take: (given: { cluster: ClusterFixture; namespace: NamespaceFixture }) => void,
  options: NamespaceOptions = {},
): (options?: NamespaceOptions) => Promise<NamespaceFixture> {
  let cluster: ClusterFixture;
  const makeOne = clusterForAll((started) => {
    cluster = started;
  });
  beforeEach(async () => take({ cluster, namespace: await makeOne(options) }));
  return makeOne;
}
