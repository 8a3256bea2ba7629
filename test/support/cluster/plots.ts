import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Ground, layGround, type Plot, type PlotOptions, takePlot } from './ground.ts';

/**
 * The ground for the tests of a file, which take plots themselves.
 * @param take Called with it before the first test. @returns Takes a plot, which is cleared after the test.
 */
export function groundForAll(take: (ground: Ground) => void): (options?: PlotOptions) => Promise<Plot> {
  let ground: Ground;
  const plots: Plot[] = [];
  beforeAll(async () => {
    ground = await layGround();
    take(ground);
  }, 240_000);
  afterAll(() => ground?.stop());
  afterEach(async () => {
    for (const plot of plots.splice(0)) await plot.clear();
  }, 60_000);
  return async (options = {}) => {
    const plot = await takePlot(ground, options);
    if (!options.on) plots.push(plot);
    return plot;
  };
}

/**
 * The ground for the tests of a file, and a plot for each.
 * @param take Called with both before each test. @returns As `groundForAll`.
 */
export function plotEach(
  take: (given: { ground: Ground; plot: Plot }) => void,
  options: PlotOptions = {},
): (options?: PlotOptions) => Promise<Plot> {
  let ground: Ground;
  const takeOne = groundForAll((laid) => {
    ground = laid;
  });
  beforeEach(async () => take({ ground, plot: await takeOne(options) }));
  return takeOne;
}
