import { parseVersion, UserError } from '@slipway/kernel';
import { beginRelease, decodeRecord, mergeRecords, type ReleaseRecord } from '@slipway/release';
import type { Run } from './action.ts';
import type { CommonInputs } from './inputs.ts';

/**
 * The id of the release of this run. It depends on the run and the version only: a re-run finds its own traces, and no
 * lost output changes it.
 */
export function ownRelease(inputs: CommonInputs, run: Run, env: Readonly<Record<string, string>>): string {
  return `${ownVersion(inputs, env) || 'release'}-${run.id}`;
}

/** The version of the input, else of the tag of the run; empty when there is neither. */
function ownVersion(inputs: CommonInputs, env: Readonly<Record<string, string>>): string {
  const tag = env.GITHUB_REF_TYPE === 'tag' ? (env.GITHUB_REF_NAME ?? '') : '';
  const given = inputs.version || tag;
  return given === '' ? '' : parseVersion(given);
}

/**
 * The record handed over, or a new one.
 * @throws UserError for a record of another release, and for one that lacks a phase that the step requires.
 */
export function readRecord(
  inputs: CommonInputs,
  app: string,
  run: Run,
  env: Readonly<Record<string, string>>,
): ReleaseRecord {
  const handed = inputs.release
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(decodeRecord)
    .reduce<ReleaseRecord | undefined>((all, one) => (all ? mergeRecords(all, one) : one), undefined);
  refuseIncomplete(handed, inputs.requires);
  const given = inputs.version === '' ? '' : parseVersion(inputs.version);
  if (handed) return continued(handed, app, inputs.environment, given);
  const version = ownVersion(inputs, env);
  const id = ownRelease(inputs, run, env);
  const { actor, url, commit } = run;
  return beginRelease({ id, app, environment: inputs.environment, version, commit, run: { actor, url } });
}

function continued(handed: ReleaseRecord, app: string, environment: string, version: string): ReleaseRecord {
  if (handed.app !== app || handed.environment !== environment) {
    throw new UserError(
      `input "release" belongs to ${handed.app} in ${handed.environment}, but this step deploys ${app} in ${environment}`,
    );
  }
  if (version !== '' && handed.version !== '' && version !== handed.version) {
    throw new UserError(
      `input "version" is ${version}, but input "release" belongs to version ${handed.version}`,
      { hint: 'Leave the input "version" empty, or pass the record of the release of that version.' },
    );
  }
  return { ...handed, version: handed.version || version };
}

function refuseIncomplete(handed: ReleaseRecord | undefined, requires: string): void {
  const required = requires.split(/[\s,]+/).filter((name) => name !== '');
  const missing = required.filter((name) => !handed?.phases.some((phase) => phase.name === name));
  if (missing.length === 0) return;
  throw new UserError(
    `cannot continue the release: input "release" lacks what ${missing.join(' and ')} recorded`,
    {
      hint: 'Re-run all jobs. When the log of that job says "Skip output \'release\'", GitHub dropped the record because a secret occurs in it: only one of less than four characters can, so give it a longer value.',
    },
  );
}
