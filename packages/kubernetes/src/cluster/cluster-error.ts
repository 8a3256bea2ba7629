import { type CommandResult, describeExit, Fault, lastLines, UserError } from '@slipway/kernel';

/** The API server could not be asked: the state of the cluster is unknown, which is not the same as bad. */
export class ClusterUnreachable extends Error {
  override readonly name = 'ClusterUnreachable';
  readonly hint =
    'The rollout itself may be fine. Look at the cluster once it answers, then run this job again: it goes on where it stopped.';
}

/** Asking too early or at the wrong time; the same question may be answered a moment later. */
const passing =
  /connection refused|connection to the server .* was refused|Unable to connect to the server|connection reset|i\/o timeout|server misbehaving|Temporary failure in name resolution|TLS handshake timeout|no route to host|network is unreachable|context deadline exceeded|Client\.Timeout|unexpected EOF|\bEOF$|ServiceUnavailable|the server is currently unable|etcdserver|TooManyRequests|too many requests|apiserver not ready|InternalError|http2: client connection lost|server has asked for the client to provide credentials \(retry\)/im;

interface Cause {
  pattern: RegExp;
  /** What is wrong, in words; $1 … are what the pattern caught. */
  says: string;
  remedy: string;
}

/** What kubectl says of a mistake of the user, most specific first. */
const causes: readonly Cause[] = [
  {
    pattern: /(?:connection to the server localhost:8080 was refused|no configuration has been provided)/,
    says: 'kubectl has no kubeconfig',
    remedy:
      'Set kubernetes.kubeconfig to a path or to ${KUBE_CONFIG} from a secret, or run a login step before.',
  },
  {
    pattern: /context "([^"]+)" does not exist|no context exists with the name: "([^"]+)"/,
    says: 'the kubeconfig has no context "$1$2"',
    remedy: 'Correct kubernetes.context; "kubectl config get-contexts" lists those that exist.',
  },
  {
    pattern: /stat ([^:]+): no such file or directory|error loading config file "([^"]+)"/,
    says: 'the kubeconfig $1$2 cannot be read',
    remedy: 'Correct kubernetes.kubeconfig.',
  },
  {
    pattern:
      /You must be logged in to the server|\bUnauthorized\b|provide credentials|token (?:has|is) expired/i,
    says: 'the cluster does not accept the login: it is wrong or expired',
    remedy: 'Renew the token or certificate in the kubeconfig, then run the job again.',
  },
  {
    pattern: /x509: ([^\n]+)/,
    says: 'the certificate of the API server is not trusted: $1',
    remedy: 'Correct certificate-authority-data and the server name in the kubeconfig.',
  },
  {
    pattern: /no such host/,
    says: 'the name of the API server cannot be resolved',
    remedy: 'Correct the server address in the kubeconfig, or run on a runner that can reach it.',
  },
  {
    pattern: /User "([^"]+)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?/,
    says: '"$1" may not $2 $3',
    remedy:
      'Grant it with a Role and RoleBinding in the namespace; the README lists the rights Slipway needs.',
  },
  {
    pattern: /namespaces "([^"]+)" not found/,
    says: 'there is no namespace "$1"',
    remedy: 'Create it, or correct kubernetes.namespace.',
  },
];

/**
 * What a failed kubectl command means. The exit code said that it failed; what it printed only says why.
 * ClusterUnreachable when the server could not be asked, UserError for what the user can mend, else Fault.
 */
export function clusterError(doing: string, ended: CommandResult): UserError | Fault | ClusterUnreachable {
  const output = ended.stderr.isEmpty ? ended.stdout : ended.stderr;
  const words = output.data;
  for (const { pattern, says, remedy } of causes) {
    const match = pattern.exec(words);
    if (!match) continue;
    const sentence = says.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
    return new UserError(`cannot ${doing}: ${output.part(sentence)}`, { hint: remedy });
  }
  const said = lastLines(ended, 3).join('\n') || `kubectl ${describeExit(ended)}`;
  if (ended.state === 'timedOut')
    return new ClusterUnreachable(`cannot ${doing}: the cluster does not answer in time`);
  if (passing.test(words)) return new ClusterUnreachable(`cannot ${doing}: ${said}`);
  return new Fault(`cannot ${doing}: ${said}`);
}
