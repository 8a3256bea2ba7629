import { type Completed, lastLines } from '@slipway/kernel';

/** Why a build did not end with a pushed image, and whether the same command may do better in a moment. */
export interface BuildFailure {
  /** Without the service's name. */
  reason: string;
  hint: string;
  again: boolean;
}

interface Pattern {
  test: RegExp;
  hint: string;
  again?: true;
}

/**
 * What BuildKit and registries say, most telling first. The exit code has decided already that it failed; the text
 * only explains, and says whether to try again.
 */
const patterns: Pattern[] = [
  { test: /no space left on device/i, hint: 'The disk is full: free space on the machine that builds.' },
  {
    test: /cannot connect to the docker daemon|is the docker daemon running|error during connect/i,
    hint: 'No Docker Engine answers: start it, or set DOCKER_HOST.',
  },
  {
    test: /permission denied while trying to connect to the docker/i,
    hint: 'This user may not use the Docker Engine: add it to the group docker.',
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
    hint: 'The registry refuses: check the inputs "username" and "password", or the login step before, and that it may push (on GitHub: permissions: packages: write).',
  },
  {
    test: /connection refused|no such host|network is unreachable|no route to host/i,
    hint: 'The registry (or the registry of a base image) cannot be reached: check its name and that it runs.',
  },
  {
    test: /429 too many requests|toomanyrequests/i,
    hint: 'The registry limits requests: wait, or log in to get a higher limit.',
    again: true,
  },
  {
    test: /(status(?: code)?:?|HTTP|response) ?\b5\d\d\b|\b50[0-4] (internal|bad|service|gateway)|i\/o timeout|TLS handshake timeout|connection reset|broken pipe|unexpected EOF|context deadline exceeded/i,
    hint: 'The registry had trouble several times in a row: look at its status, then run the job again.',
    again: true,
  },
];

/** A step of the Dockerfile failed: `> [build 3/5] RUN npm ci:` and the last lines it printed. */
const failedStep = /^ > \[(?<stage>[^\]]+)\] (?<step>.+?):?\n(?<output>[\s\S]*?)^-{3,}$/m;
const failedAt = /^(?<file>[^\s:]+):(?<line>\d+)\n-{3,}$/m;
const buildkitError = /^ERROR: (?<message>.+)$/gm;
/** What the layers of BuildKit put before the cause. */
const wrapping =
  /^(?:failed to (?:build|solve|create LLB definition): |failed to solve with frontend \S+: |rpc error: code = \w+ desc = )+/;
/** Newer and older BuildKit. */
const exitedStep =
  /(?:did not complete successfully|^ERROR: .*executor failed running \[.*\]): (?<how>exit code: \d+.*)$/m;

export function explainBuild(completed: Completed): BuildFailure {
  const said = `${completed.stdout}\n${completed.stderr}`.replaceAll('\r', '');
  const step = failedStep.exec(said)?.groups;
  const exited = exitedStep.exec(said)?.groups;
  // A step that ended with an error is the Dockerfile's own; what its programs printed must not be taken for ours.
  if (exited) {
    const at = failedAt.exec(said)?.groups; // Older BuildKit does not say where.
    const where = at ? ` (${at.file}:${at.line})` : '';
    const output = step?.output?.trim().split('\n').slice(-8).join('\n') ?? '';
    const which = step ? `step [${step.stage}] ${step.step}` : 'a step of the Dockerfile';
    return {
      reason: `${which}${where} failed with ${exited.how}${output ? `:\n${output}` : ''}`,
      hint: 'Run the same step locally with "docker build"; nothing was pushed for this service.',
      again: false,
    };
  }
  const error = [...said.matchAll(buildkitError)].at(-1)?.groups?.message?.replace(wrapping, '');
  const message = error ?? lastLines(completed, 4);
  const pattern =
    patterns.find(({ test }) => test.test(message)) ?? patterns.find(({ test }) => test.test(said));
  return {
    reason: `${howEnded(completed)}: ${message || 'it said nothing'}`,
    hint: pattern?.hint ?? 'The log of this step has everything that the build said.',
    again: pattern?.again ?? false,
  };
}

function howEnded(completed: Completed): string {
  if (completed.timedOut) return 'docker buildx build timed out';
  if (completed.code === 137) return 'docker buildx build was killed (exit code 137: often out of memory)';
  return `docker buildx build ended ${completed.code === null ? 'by a signal' : `with exit code ${completed.code}`}`;
}
