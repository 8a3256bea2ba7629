import { expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { ReleasedService } from '@slipway/release';
import { checkImages } from '../../../packages/transaction/src/check-images.ts';
import { releaseEntry } from '../../support/releases.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const service = (repository: string, release: string | null): ReleasedService => ({
  image: parseImage(`${repository}@${digest}`),
  release,
});
const config = {
  app: 'shop',
  target: null,
  services: { web: { image: 'r.example.com/shop/web', 'start-timeout': 60_000, 'drain-timeout': 30_000 } },
};
const from = releaseEntry({ sequence: 2, phase: 'serving' });

/** @param web What comes back as the service web. @param isReleased Whether a release of Slipway has it so. */
function check(web: ReleasedService, isReleased: boolean): void {
  const to = isReleased ? releaseEntry({ sequence: 1, services: { web } }) : null;
  checkImages({ config }, { services: { web }, from, to });
}

test('what a release of Slipway runs comes from the repository of the configuration', () => {
  expect(() => check(service('r.example.com/shop/web', '1.0.0-1'), true)).not.toThrow();
});

test('what ran before Slipway comes from anywhere', () => {
  expect(() => check(service('docker.io/library/httpd', null), false)).not.toThrow();
});

test.each([
  ['of a release', service('attacker/miner', '1.0.0-1'), true],
  ['of a release, although its entry says that it ran before Slipway', service('attacker/miner', null), true],
  ['with the name of a release, although none has it', service('attacker/miner', '1.0.0-1'), false],
])('another repository is refused: %s', (_, web, isReleased) => {
  expect(() => check(web, isReleased)).toThrow(
    /does not name: web from .*attacker\/miner, configured is r\.example\.com\/shop\/web$/,
  );
});
