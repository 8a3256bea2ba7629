import { execOrThrow } from '@slipway/test-services';
import type { Player, Scenario } from './player.ts';
import { rollBack, rollOut, withFile } from './steps.ts';

const composeFile = 'docker-compose.prod.yml';

/** What only Compose has: an engine, its own proxy, containers that are stopped by hand. */
export const beforeProxy: Readonly<Record<string, Scenario>> = {
  'refused: no engine and no proxy': async (player) => {
    const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
    await rollOut(player, '1.0.0', { env });
    await rollBack(player, {}, { env });
    await rollOut(player, '1.0.0');
  },
};

export const onCompose: Readonly<Record<string, Scenario>> = {
  'failed: a health check that stays red, and a server that never listens': async (player) => {
    for (const [version, runId] of [
      ['sick', '20'],
      ['deaf', '21'],
    ] as const) {
      await rollOut(player, version, { runId });
      await rollBack(player);
    }
  },

  'more replicas': (player) =>
    withFile(
      player,
      composeFile,
      (text) => text.replace('replicas: 2', 'replicas: 3'),
      async () => {
        await rollOut(player, '2.0.0', { runId: '22' });
        await rollBack(player);
      },
    ),

  'a container was stopped by hand': async (player) => {
    const [one = ''] = (await player.stage.observe()).containers.backend ?? [];
    await docker(player, 'stop', one);
    await rollOut(player, '1.0.0', { runId: '2' });
    await rollBack(player);
  },

  'refused: the checkout cannot be rolled out': async (player) => {
    const bad = [
      (text: string) => text.replace('  backend:\n', '  backend:\n    container_name: fixed\n'),
      (text: string) => text.replace('  backend:\n', '  backend:\n    ports: ["127.0.0.1:9:3000"]\n'),
      (text: string) => text.replace('  backend:\n', '  api:\n'),
      (text: string) => text.replace('services:', 'services'),
    ];
    for (const change of bad)
      await withFile(player, composeFile, change, async () => {
        await rollOut(player, '2.0.0', { runId: '23' });
      });
  },

  'a rollback with a checkout that cannot be rolled out': async (player) => {
    await rollOut(player, '2.0.0', { runId: '24' });
    await withFile(
      player,
      composeFile,
      (text) => text.replace('  backend:\n', '  backend:\n    container_name: fixed\n'),
      async () => {
        await rollBack(player);
      },
    );
    await rollBack(player);
  },
};

async function docker({ stage }: Player, ...args: string[]): Promise<void> {
  await execOrThrow(`run docker ${args[0]}`, ['docker', ...args], { env: stage.engine.env });
}
