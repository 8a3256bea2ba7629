import type { BundleResult } from '../../../test/support/action.ts';
import type { Player, Step } from './player.ts';

/** Rolls a version out by the input `images`. */
export function rollOut(player: Player, version: string, step: Step = {}): Promise<BundleResult> {
  const inputs = { version, images: player.images[version] ?? '', ...step.inputs };
  return player.run('rollout', { ...step, inputs });
}

/** Rolls a version out, and marks it as verified as the end of a release does. */
export async function release(player: Player, version: string, runId: string): Promise<string> {
  const { outputs } = await rollOut(player, version, { runId });
  const record = outputs.release ?? '';
  await player.run('build-push', { runId, inputs: { promote: 'true', release: record } });
  return record;
}

export function rollBack(
  player: Player,
  inputs: Record<string, string> = {},
  step: Step = {},
): Promise<BundleResult> {
  return player.run('rollback', { ...step, inputs });
}

/** A file of the repository with other words in it, while something is done. */
export async function withFile(
  { stage }: Player,
  file: string,
  change: (text: string) => string,
  body: () => Promise<void>,
): Promise<void> {
  const written = await stage.repository.read(file);
  await stage.repository.write({ [file]: change(written) });
  await body();
  await stage.repository.write({ [file]: written });
}
