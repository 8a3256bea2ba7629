import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { canStartSpareEngine, execOrThrow, provision, removeNetworks } from '@slipway/test-services';

/** An engine in a separate network namespace that is killed while it has a network, and what is left of it. */
const script = `
  list() { ip -o link show type bridge | grep -c ': br-'; iptables -S | grep -c br-; iptables -t nat -S | grep -c br-; }
  export DOCKER_HOST="unix://$1/docker.sock"
  dockerd --host="$DOCKER_HOST" --data-root="$1/data" --exec-root="$1/exec" --pidfile="$1/docker.pid" 2>"$1/log" &
  until docker info >"$1/info" 2>&1; do kill -0 $! || exit 1; sleep 0.1; done
  docker network create left >&2
  kill -KILL $!
  wait $!
  list
  ${removeNetworks}
  list
  true`;

(canStartSpareEngine() ? test : test.skip)(
  'an engine that is killed leaves no bridge and no firewall rule',
  async () => {
    await provision(['engine'], () => {});
    const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
    try {
      const apart = ['unshare', '--net', '--mount', 'sh', '-c', script, 'sh', folder] as const;
      const counts = (await execOrThrow('kill an engine', [...apart])).trim().split('\n').map(Number);
      const [bridges, rules, translations] = counts;
      expect([bridges, rules, translations].every((count) => (count ?? 0) > 0)).toBe(true);
      expect(counts.slice(3)).toEqual([0, 0, 0]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);
