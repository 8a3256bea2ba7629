import type { PlatformName } from '../../../demo/stage.ts';
import { atFirst, atLast, onBoth } from './both.ts';
import { beforeProxy, onCompose } from './compose.ts';
import type { Scenario } from './player.ts';

/** The scenarios of a platform, in the order in which they are played; `true` stands for the start of the proxy. */
export function scenariosOf(platform: PlatformName): {
  beforeProxy: readonly (readonly [string, Scenario])[];
  afterProxy: readonly (readonly [string, Scenario])[];
} {
  const compose = platform === 'compose';
  return {
    beforeProxy: Object.entries({ ...atFirst, ...(compose ? beforeProxy : {}) }),
    afterProxy: Object.entries({ ...onBoth, ...(compose ? onCompose : {}), ...atLast }),
  };
}
