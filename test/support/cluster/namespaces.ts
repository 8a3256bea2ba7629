import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import {
  type ClusterFixture,
  makeNamespace,
  type NamespaceFixture,
  type NamespaceOptions,
  startClusterFixture,
} from './fixture.ts';

/**
 * The ground for the tests of a file, which take plots themselves.
 * @param take Called with it before the first test. @returns Takes a plot, which is cleared after the test.
 */
export function clusterForAll(
  take: (ground: ClusterFixture) => void,
): (options?: NamespaceOptions) => Promise<NamespaceFixture> {
  let ground: ClusterFixture;
  const plots: NamespaceFixture[] = [];
  beforeAll(async () => {
    ground = await startClusterFixture();
    take(ground);
  }, 240_000);
  afterAll(() => ground?.stop());
  afterEach(async () => {
    for (const plot of plots.splice(0)) await plot.clear();
  }, 60_000);
  return async (options = {}) => {
    const plot = await makeNamespace(ground, options);
    if (!options.on) plots.push(plot);
    return plot;
  };
}

/**
 * The ground for the tests of a file, and a plot for each.
 * @param take Called with both before each test. @returns As `clusterForAll`.
 */
export function namespaceEach(
  take: (given: { ground: ClusterFixture; plot: NamespaceFixture }) => void,
  options: NamespaceOptions = {},
): (options?: NamespaceOptions) => Promise<NamespaceFixture> {
  let ground: ClusterFixture;
  const takeOne = clusterForAll((laid) => {
    ground = laid;
  });
  beforeEach(async () => take({ ground, plot: await takeOne(options) }));
  return takeOne;
}
