import { Cancelled, describeError } from '@slipway/kernel';
import type { LeftService } from '@slipway/platform';
import { provenRelease, type ReleaseEntry, type ReleaseRecord, releaseName } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import type { OpenTarget } from '@slipway/transaction';

type Context = Pick<ActionContext<unknown, never>, 'log'> & { record: Pick<ReleaseRecord, 'version'> };

/**
 * Warns of what the proven release runs and this one does not have, since it was removed or has another name: it stays in
 * its old version, on the schema of the new one. @returns the sentence for the summary; null when nothing is left.
 */
export async function warnOfLeftServices(
  { log, record }: Context,
  { platform, transaction }: OpenTarget,
  services: readonly string[],
): Promise<string | null> {
  const proven = provenRelease(transaction.state);
  const gone = Object.keys(proven?.services ?? {}).filter((name) => !services.includes(name));
  if (!proven || gone.length === 0) return null;
  try {
    const left = await platform.findLeft(proven.id, gone);
    if (left.length === 0) return null;
    const { sentence, ...warning } = describeLeft(left, proven, record);
    log.annotate({ level: 'warning', ...warning });
    return sentence;
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const what = `cannot see whether ${gone.join(', ')} of ${releaseName(proven)} still runs`;
    log.warn(`${what}: ${describeError(error)}`);
    return null;
  }
}

function describeLeft(
  left: readonly LeftService[],
  proven: ReleaseEntry,
  { version }: Pick<ReleaseRecord, 'version'>,
): { title: string; message: string; sentence: string } {
  const named = left.map(({ name, replicas }) => `${name} (${replicas.join(', ')})`).join(', ');
  const isOne = left.length === 1;
  const sentence = `${named} of ${releaseName(proven)} still ${isOne ? 'runs' : 'run'}, and ${version} does not have ${isOne ? 'it' : 'them'}.`;
  const removal = left.map((one) => one.removal).join(' && ');
  return {
    title: `Services of ${releaseName(proven)} are left`,
    message: `${sentence} No later release names it again. Remove what is not meant to stay once ${version} is proven: ${removal}`,
    sentence,
  };
}
