import { findProgram, run } from './program.ts';

/** Version of the engine that answers in this environment; undefined when none does. */
export async function engineVersion(env: Record<string, string> = {}): Promise<string | undefined> {
  if (!findProgram('docker')) return undefined;
  const info = await run(['docker', 'info', '--format', '{{.ServerVersion}}'], { env, timeoutMs: 10_000 });
  return (info.code === 0 && info.stdout.trim()) || undefined;
}

export async function engineAnswers(env: Record<string, string> = {}): Promise<boolean> {
  return (await engineVersion(env)) !== undefined;
}
