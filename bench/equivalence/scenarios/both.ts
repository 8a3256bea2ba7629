import type { Scenario } from './player.ts';
import { release, rollBack, rollOut } from './steps.ts';

/** What comes first: a database that is migrated. */
export const atFirst: Readonly<Record<string, Scenario>> = {
  'the schema': async (player) => {
    const inputs = { version: '1.0.0' };
    await player.run('db-migrate', { inputs: { ...inputs, 'dry-run': 'true' } });
    await player.run('db-migrate', { inputs });
    await player.run('db-migrate', { inputs });
  },
};

/** What is done on Compose and on Kubernetes alike. */
export const onBoth: Readonly<Record<string, Scenario>> = {
  'refused: bad inputs': async (player) => {
    const { stage, images } = player;
    const good = images['1.0.0'] ?? '';
    const [backend = '', frontend = ''] = good.split('\n');
    const bad = [
      '',
      'backend',
      backend,
      `${good}\nworker=${stage.registry}/worker@sha256:${'0'.repeat(64)}`,
      `backend=${stage.registry}/docsense-backend:1.0.0\n${frontend}`,
      `backend=${stage.registry}/docsense-backend@sha256:${'0'.repeat(64)}\n${frontend}`,
    ];
    for (const lines of bad) await rollOut(player, '1.0.0', { inputs: { images: lines } });
    await rollOut(player, '1.0.0', { inputs: { release: '{' } });
    await rollOut(player, '1.0.0', { inputs: { config: 'none.yml' } });
    await rollOut(player, '1.0.0', { inputs: { 'dry-run': 'maybe' } });
    await rollOut(player, '1.0.0', { inputs: { version: 'not a tag', images: good } });
    await rollOut(player, '1.0.0', { inputs: { version: '', images: good, 'dry-run': 'true' } });
    await rollOut(player, '1.0.0', { env: { SLIPWAY_ENV: '' } });
    await rollBack(player, { config: 'none.yml' });
    await rollBack(player, { force: 'maybe' });
    await rollBack(player, {}, { env: { SLIPWAY_ENV: '' } });
  },

  'nothing to roll back': async (player) => {
    for (const to of ['unfinished', 'previous', '1.0.0']) await rollBack(player, { to });
  },

  'the first release, dry, and given up': async (player) => {
    await rollOut(player, '1.0.0', { inputs: { 'dry-run': 'true' } });
    const { outputs } = await rollOut(player, '1.0.0');
    await rollBack(player, { 'dry-run': 'true' });
    await rollBack(player, { release: outputs.release ?? '' });
    await rollBack(player);
  },

  'releases, and rollbacks to the previous one, a version and an id': async (player) => {
    await release(player, '1.0.0', '2');
    await rollBack(player);
    await rollOut(player, '2.0.0', { runId: '3', inputs: { 'dry-run': 'true' } });
    await release(player, '2.0.0', '3');
    await rollOut(player, '2.0.0', { runId: '3' });
    await rollBack(player, { to: 'previous', 'dry-run': 'true' });
    await rollBack(player, { to: 'previous' });
    await rollBack(player, { to: 'previous' });
    await rollBack(player, { to: '2.0.0' });
    await rollBack(player, { to: 'v1.0.0' });
    await rollBack(player, { to: '2.0.0-3' });
    await rollBack(player, { to: '9.9.9' });
    await rollBack(player, { to: '1.0.0', force: 'true' });
    await rollBack(player, { to: '1.0.0' });
  },

  'an unfinished release': async (player) => {
    const { outputs } = await rollOut(player, '2.0.0', { runId: '4' });
    const record = outputs.release ?? '';
    await rollOut(player, '2.0.0', { runId: '4', inputs: { release: record, version: '' } });
    await rollOut(player, '2.0.0', { runId: '4', inputs: { release: record, version: '8.0.0' } });
    await rollBack(player, { 'dry-run': 'true' });
    await rollBack(player, { release: record }, { runId: '4' });
    await rollBack(player, { release: record }, { runId: '4' });
    await rollOut(player, '2.0.0', { runId: '5' });
    await rollBack(player, { release: record }, { runId: '4' });
    await rollBack(player);
  },

  'failed: a crash at start': async (player) => {
    const { outputs } = await rollOut(player, 'crash', { runId: '6' });
    await rollBack(player, { release: outputs.release ?? '' }, { runId: '6' });
    await rollBack(player);
  },

  'failed: the second service crashes': async (player) => {
    await rollOut(player, 'crash-frontend', { runId: '7' });
    await rollBack(player);
  },

  cancelled: async (player) => {
    const stop = { at: 'new ready', signal: 'SIGINT' } as const;
    const { outputs } = await rollOut(player, '2.0.0', { runId: '8', stop });
    await rollBack(player, { release: outputs.release ?? '' }, { runId: '8' });
  },

  killed: async (player) => {
    for (const at of ['0/2 new ready', 'backend: 2 running']) {
      await rollOut(player, '2.0.0', { runId: '9', stop: { at, signal: 'SIGKILL' } });
      await rollBack(player);
      await rollOut(player, '2.0.0', { runId: '10' });
      await rollBack(player, {}, { stop: { at: 'new ready', signal: 'SIGKILL' } });
      await rollBack(player);
    }
  },
};

/** What comes last: no rollback goes past this migration. */
export const atLast: Readonly<Record<string, Scenario>> = {
  'a contract migration': async (player) => {
    const { stage, images } = player;
    await release(player, '1.0.0', '10');
    const file = 'migrations/003_contract.sql';
    await stage.repository.write({
      [file]: '-- slipway: contract\nALTER TABLE documents DROP COLUMN source;\n',
    });
    const runId = '11';
    const migrated = await player.run('db-migrate', { runId, inputs: { version: '2.0.0' } });
    const inputs = { release: migrated.outputs.release ?? '', images: images['2.0.0'] ?? '' };
    const rolled = await player.run('rollout', { runId, inputs });
    await rollBack(player);
    await rollBack(player, { release: rolled.outputs.release ?? '' }, { runId });
    await player.run('build-push', {
      runId,
      inputs: { promote: 'true', release: rolled.outputs.release ?? '' },
    });
    await rollBack(player, { to: 'previous' });
    await rollBack(player, { to: 'previous', 'dry-run': 'true', force: 'true' });
    await rollBack(player, { to: 'previous', force: 'true' });
    await stage.repository.write({ [file]: null });
  },
};
