import { type CommandResult, describeExit, Fault, lastLines, UserError } from '@slipway/kernel';

/** The API server could not be reached: the state of the cluster is unknown, which is not the same as bad. */
export class ClusterUnreachable extends Error {
  override readonly name = 'ClusterUnreachable';
  readonly hint =
    'The rollout itself may be fine. Check the cluster once it answers, then re-run this job: it continues where it stopped.';
}

/** Temporary failures; the same request may succeed a moment later. */
const transient =
  /connection refused|connection to the server .* was refused|Unable to connect to the server|connection reset|i\/o timeout|server misbehaving|Temporary failure in name resolution|TLS handshake timeout|no route to host|network is unreachable|context deadline exceeded|Client\.Timeout|unexpected EOF|\bEOF$|ServiceUnavailable|the server is currently unable|etcdserver|TooManyRequests|too many requests|apiserver not ready|InternalError|http2: client connection lost|server has asked for the client to provide credentials \(retry\)/im;

interface Cause {
  pattern: RegExp;
  /** What is wrong; $1 … are the groups of the pattern. */
  what: string;
  remedy: string;
}

/** What kubectl prints for a mistake of the user, most specific first. */
const causes: readonly Cause[] = [
  {
    pattern: /(?:connection to the server localhost:8080 was refused|no configuration has been provided)/,
    what: 'kubectl has no kubeconfig',
    remedy:
      'Set kubernetes.kubeconfig to a path or to ${KUBE_CONFIG} from a secret, or run a login step first.',
  },
  {
    pattern: /context "([^"]+)" does not exist|no context exists with the name: "([^"]+)"/,
    what: 'the kubeconfig has no context "$1$2"',
    remedy: 'Correct kubernetes.context; "kubectl config get-contexts" lists those that exist.',
  },
  {
    pattern: /stat ([^:]+): no such file or directory|error loading config file "([^"]+)"/,
    what: 'the kubeconfig $1$2 is unreadable',
    remedy: 'Correct kubernetes.kubeconfig.',
  },
  {
    pattern:
      /You must be logged in to the server|\bUnauthorized\b|provide credentials|token (?:has|is) expired/i,
    what: 'the cluster rejected the login: it is wrong or has expired',
    remedy: 'Renew the token or certificate in the kubeconfig, then re-run this job.',
  },
  {
    pattern: /x509: ([^\n]+)/,
    what: 'the certificate of the API server is not trusted: $1',
    remedy: 'Correct certificate-authority-data and the server name in the kubeconfig.',
  },
  {
    pattern: /no such host/,
    what: 'the host name of the API server does not resolve',
    remedy: 'Correct the server address in the kubeconfig, or use a runner that can reach it.',
  },
  {
    pattern: /User "([^"]+)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?/,
    what: '"$1" may not $2 $3',
    remedy:
      'Grant it with a Role and RoleBinding in the namespace; the documentation lists the rights that Slipway needs.',
  },
  {
    pattern: /namespaces "([^"]+)" not found/,
    what: 'namespace "$1" does not exist',
    remedy: 'Create it, or correct kubernetes.namespace.',
  },
];

/**
 * The error of a failed kubectl command. The exit code proves the failure; the output only explains it.
 * ClusterUnreachable when the server could not be reached, UserError for what the user can fix, else Fault.
 */
export function clusterError(doing: string, result: CommandResult): UserError | Fault | ClusterUnreachable {
  const printed = result.stderr.isEmpty ? result.stdout : result.stderr;
  const words = printed.data;
  for (const { pattern, what, remedy } of causes) {
    const match = pattern.exec(words);
    if (!match) continue;
    const sentence = what.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
    return new UserError(`cannot ${doing}: ${printed.part(sentence)}`, { hint: remedy });
  }
  const output = lastLines(result, 3).join('\n') || `kubectl ${describeExit(result)}`;
  if (result.state === 'timedOut')
    return new ClusterUnreachable(`cannot ${doing}: the cluster did not answer in time`);
  if (transient.test(words)) return new ClusterUnreachable(`cannot ${doing}: ${output}`);
  return new Fault(`cannot ${doing}: ${output}`);
}
