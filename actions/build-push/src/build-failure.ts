import {
  type CommandResult,
  type Duration,
  describeExit,
  formatDuration,
  lastLine,
  type OutsideText,
} from '@slipway/kernel';
import { explainStep } from './step-log.ts';

/** Why a build pushed no image, and whether a retry may succeed. */
export interface BuildFailure {
  /** Without the service's name. */
  reason: string;
  hint: string;
  /** What the failing step printed: around its first error, and last. */
  details: readonly OutsideText[];
  again: boolean;
  /** A step of the Dockerfile failed, before anything was pushed. */
  inDockerfile: boolean;
}

interface Pattern {
  test: RegExp;
  hint: string;
  again?: true;
}

/**
 * Errors of BuildKit and registries, the most specific first. The exit code has decided that the build failed; the text
 * only explains it, and shows whether to retry.
 */
const patterns: Pattern[] = [
  { test: /no space left on device/i, hint: 'Free disk space on the machine that builds.' },
  {
    test: /cannot connect to the docker daemon|is the docker daemon running|error during connect/i,
    hint: 'Start the Docker Engine, or set DOCKER_HOST to the right one.',
  },
  {
    test: /permission denied while trying to connect to the docker/i,
    hint: "Add the runner's user to the docker group: it has no access to the Docker Engine.",
  },
  {
    test: /failed to read dockerfile|unable to prepare context/i,
    hint: 'Check services.*.build in the configuration.',
  },
  {
    test: /target stage .* could not be found/i,
    hint: 'Check services.*.build.target in the configuration.',
  },
  {
    test: /unauthorized|authentication required|no basic auth|insufficient_scope|\bdenied\b|\b40[13] (unauthorized|forbidden)/i,
    hint: 'Check the inputs "username" and "password", or the earlier login step, and that the login may push (on GitHub: permissions: packages: write).',
  },
  {
    test: /connection refused|no such host|network is unreachable|no route to host/i,
    hint: 'Check the name of the registry (or of the registry of a base image) and that it is reachable.',
  },
  {
    test: /429 too many requests|toomanyrequests/i,
    hint: 'Wait, or log in for a higher limit: the registry limits requests.',
    again: true,
  },
  {
    test: /(status(?: code)?:?|HTTP|response) ?\b5\d\d\b|\b50[0-4] (internal|bad|service|gateway)|i\/o timeout|TLS handshake timeout|connection reset|broken pipe|unexpected EOF|context deadline exceeded/i,
    hint: 'Check the status of the registry, then re-run this job.',
    again: true,
  },
];

/** An upload that was ended because it made no progress. */
export function stalledUpload(limitMs: Duration): BuildFailure {
  return {
    reason: `the upload made no progress for ${formatDuration(limitMs)}`,
    hint: 'Check the status of the registry and the network between it and this machine, then re-run this job.',
    ...{ details: [], again: true, inDockerfile: false },
  };
}

/** A step of the Dockerfile failed: `> [build 3/5] RUN npm ci:` and the last lines it printed. */
const failedStep = /^ > \[(?<stage>[^\]]+)\] (?<step>.+?):?\n(?<output>[\s\S]*?)^-{3,}$/m;
const failedAt = /^(?<file>[^\s:]+):(?<line>\d+)\n-{3,}$/m;
const buildkitError = /^ERROR: (?<message>.+)$/gm;
/** What the layers of BuildKit write before the cause. */
const wrapping =
  /^(?:failed to (?:build|solve|create LLB definition): |failed to solve with frontend \S+: |rpc error: code = \w+ desc = )+/;
/** The same of the part of the build that failed first; the others are cancelled with it. */
const firstError = /^#\d+ ERROR: (?!.*\bcancell?ed\b)(?<message>.+)$/m;
/** Newer and older BuildKit. */
const exitedStep =
  /(?:did not complete successfully|^ERROR: .*executor failed running \[.*\]): (?<how>exit code: \d+.*)$/m;

export function explainBuild(completed: CommandResult): BuildFailure {
  const output = completed.stdout.concat(completed.stderr);
  const said = output.data.replaceAll('\r', '');
  const step = failedStep.exec(said)?.groups;
  const exited = exitedStep.exec(said)?.groups;
  // The Dockerfile's own step failed; what its programs printed must not be taken for an error of BuildKit.
  if (exited) {
    const at = failedAt.exec(said)?.groups; // Older BuildKit does not say where.
    const where = at ? ` (${at.file}:${at.line})` : '';
    const which = step ? `step [${step.stage}] ${output.part(step.step ?? '')}` : 'a step of the Dockerfile';
    const { cause, details } = explainStep(output, step?.output ?? '');
    return {
      reason: `${which}${where} failed with ${output.part(exited.how ?? '')}${cause === '' ? '' : `: ${cause}`}`,
      hint: 'Run the same step locally with "docker build". Nothing was pushed for this service.',
      ...{ details, again: false, inDockerfile: true },
    };
  }
  const last = [...said.matchAll(buildkitError)].at(-1)?.groups?.message;
  const isEcho = last !== undefined && /\bcancell?ed\b/.test(last);
  const error = ((isEcho && firstError.exec(said)?.groups?.message) || last)?.replace(wrapping, '');
  const message = error === undefined ? lastLine(completed) : String(output.part(error));
  const pattern =
    patterns.find(({ test }) => test.test(message)) ?? patterns.find(({ test }) => test.test(said));
  return {
    reason: `${describeBuildExit(completed)}: ${message || '(no output)'}`,
    hint: pattern?.hint ?? 'Check the log of this step for the whole output of the build.',
    details: error === undefined ? output.tail(4) : [],
    again: pattern?.again ?? false,
    inDockerfile: false,
  };
}

function describeBuildExit(completed: CommandResult): string {
  if (completed.state === 'exited' && completed.code === 137)
    return 'docker buildx build was killed (exit code 137: often out of memory)';
  return `docker buildx build ${describeExit(completed)}`;
}
