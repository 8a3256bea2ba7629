/** Parts of messages that mean nothing to the reader: layers that passed an error on, ids of containers, repetitions. */
const noise: readonly [RegExp, string][] = [
  [/rpc error: code = \w+ desc = /g, ''],
  [/Error response from daemon: /g, ''],
  [/failed to (?:start|create) container "[^"]*": /g, ''],
  [/failed to create (?:containerd task|shim task|shim): /g, ''],
  [
    /OCI runtime create failed: |runc create failed: |container_linux\.go:\d+: |starting container process caused: /g,
    '',
  ],
  [/unable to start container process: /g, ''],
  [/failed to pull and unpack image "[^"]*": /g, ''],
  [/failed to resolve (?:reference|image) "[^"]*": /g, ''],
  [/^(?:Failed to pull image "[^"]*": |Back-off pulling image "[^"]*": ?)/, ''],
  [/^(?:\(combined from similar events\): )?Error creating: /, ''],
  [/^create Pod \S+ in StatefulSet \S+ failed error: /, ''],
  [/\b(?:Readiness|Liveness|Startup) probe failed: ?/g, ''],
  [/HTTP probe failed with statuscode: /g, 'HTTP '],
  [/Get "[^"]*": /g, ''],
  [/dial tcp \S+: (?:connect: )?/g, ''],
  [/^(?:ErrImagePull|Error|ErrImageNeverPull): /, ''],
  [/: unknown$/, ''],
  [/\b([^:]+): \1(?=$|:)/g, '$1'],
  // The name that a registry knows its user by, and what the message carries of a token.
  [/( rate limit) as '[^']*': [\w-]+/g, '$1'],
  [/\bdckr_\w+/g, '***'],
  [/\s+/g, ' '],
];

/** Characters of a message of the cluster that a clause quotes. */
const maxChars = 300;

/**
 * A message of the cluster without the layers that passed it on, and without what could identify an account. It was made
 * safe to print where it was read (`Kubectl.get`), so that nothing secret is cut in two here.
 */
export function plainMessage(message: string): string {
  const words = noise.reduce((text, [pattern, instead]) => text.replace(pattern, instead), message).trim();
  if (words.length <= maxChars) return words;
  const blank = words.lastIndexOf(' ', maxChars - 1);
  return `${words.slice(0, blank > 0 ? blank : maxChars - 1)}…`;
}

const signals: Record<number, string> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** Codes of the shell and of the container runtime. */
const codes: Record<number, string> = {
  126: 'the command cannot be executed',
  127: 'the command is not found',
};

/** `code 137 (SIGKILL)`, `code 127 (the command is not found)`, `code 1`. */
export function describeExitCode(code: number | null): string {
  if (code === null) return 'an unknown code';
  const meaning = meaningOf(code);
  return meaning === undefined ? `code ${code}` : `code ${code} (${meaning})`;
}

/** `exited with code 1`, `exited 3 times (last exit code 137, SIGKILL)`. */
export function describeExits(times: number, lastCode: number | null): string {
  if (times === 1) return `exited with ${describeExitCode(lastCode)}`;
  const meaning = lastCode === null ? undefined : meaningOf(lastCode);
  const code = [lastCode ?? 'unknown', ...(meaning === undefined ? [] : [meaning])].join(', ');
  return `exited ${describeTimes(times)} (last exit code ${code})`;
}

function meaningOf(code: number): string | undefined {
  return codes[code] ?? signals[code - 128];
}

/** `twice`, `3 times`. */
export function describeTimes(times: number): string {
  return ['never', 'once', 'twice'][times] ?? `${times} times`;
}
