import type { ContainerState, PodState, PodTemplate } from '../../snapshot/snapshot.ts';
import type { Signature } from '../finding.ts';
import { containerSign, containersOf, eventsOf, type Said, type Sight, type Sign } from './sign.ts';
import { plainWords } from './wording.ts';

/** Reasons of a container that waits for its image; the second one often does not say why. */
const pulling = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']);

interface Cause {
  signature: Signature;
  /** Wordings of dockershim, containerd and CRI-O. */
  words: RegExp;
}

/** What the text of a failed pull means. Order matters: a registry that hides what exists answers `denied … does not exist`. */
const causes: readonly Cause[] = [
  {
    signature: 'wrong-architecture',
    words:
      /no match(?:ing manifest)? for (?:platform|\w+\/\w+)|no matching manifest|no image found in (?:image index|manifest list)|exec format error/i,
  },
  { signature: 'image-limited', words: /\b429\b|toomanyrequests|too many requests|rate limit/i },
  // A store that is being cleaned says "not found" of a layer; the next pull gets it.
  { signature: 'image-unreachable', words: /content digest \S+ not found|no such host|server misbehaving/i },
  {
    signature: 'image-denied',
    words:
      /\b40[13]\b|unauthorized|forbidden|\bdenied\b|no basic auth|insufficient_scope|authentication required|authorization failed|may require authorization|SignatureValidationFailed/i,
  },
  { signature: 'image-missing', words: /not found|manifest unknown|name unknown|does not exist|\b404\b/i },
];

const remedies: Partial<Record<Signature, (image: string, template: PodTemplate) => string>> = {
  'wrong-architecture': () =>
    'Build the image on a runner with the architecture of the nodes, or select nodes with that of the image.',
  'image-limited': () =>
    'The registry limits pulls: log in with a pull secret, or use a mirror; the cluster goes on trying by itself.',
  'image-unreachable': () =>
    'See whether the nodes can reach the registry (name, proxy, certificate, firewall) and whether it is up.',
  'image-denied': (image, { pullSecrets, serviceAccount }) =>
    pullSecrets.length > 0
      ? `Renew the login in pull secret ${pullSecrets.join(', ')}, or give it the right to pull ${image}.`
      : `Add a pull secret for the registry to the pod template or to service account ${serviceAccount ?? 'default'}; see whether ${image} is spelled right.`,
  'image-missing': (image) =>
    `See whether ${image} exists in this registry, under this name, and was not deleted.`,
};

/** Images that cannot be had. */
export function imageSigns(sight: Sight): Sign[] {
  const { template } = sight.workload;
  return sight.fresh.flatMap((pod) =>
    containersOf(pod, template).flatMap(({ container }) => {
      const said = unusable(container) ?? unpulled(sight, pod, container);
      return said ? [containerSign(pod, container, said)] : [];
    }),
  );
}

/** What no pull can mend. */
function unusable({ state, reason, message, image }: ContainerState): Said | null {
  if (state !== 'waiting') return null;
  if (reason === 'InvalidImageName')
    return {
      signature: 'image-invalid',
      says: `has an image name that is not valid: ${plainWords(message) || image}`,
      remedy: `Correct the reference ${image}.`,
    };
  if (reason === 'ErrImageNeverPull')
    return {
      signature: 'image-never-pulled',
      says: `needs ${image}, which is not on the node, and may not pull it`,
      remedy: 'Set imagePullPolicy to IfNotPresent, or load the image onto every node.',
    };
  return null;
}

function unpulled(sight: Sight, pod: PodState, container: ContainerState): Said | null {
  const { state, reason, image } = container;
  if (state !== 'waiting' || !pulling.has(reason)) return null;
  const told = pullText(sight, pod, container);
  const signature = classifyPull(told, image);
  const says = `cannot pull ${image}: ${plainWords(told)}`;
  return { signature, says, remedy: remedies[signature]?.(image, sight.workload.template) ?? '' };
}

/** The text with the cause: of the status, or once that only says "Back-off", of the newest event of the pod. */
function pullText(sight: Sight, pod: PodState, { name, reason, message }: ContainerState): string {
  const bare = /^(?:Back-off pulling image "[^"]*")?$/;
  if (reason !== 'ImagePullBackOff' && message !== '') return message;
  if (!bare.test(message)) return message;
  const failed = eventsOf(sight, pod, name).findLast((event) =>
    event.message.startsWith('Failed to pull image'),
  );
  return failed?.message ?? (message || reason);
}

/** The signature of a text; without a known cause the registry is taken for out of reach, which heals or lasts. */
export function classifyPull(text: string, image: string): Signature {
  // The names of images and hosts are the user's and may contain any word.
  const [repository = image] = image.split(/@|:(?=[^/]*$)/);
  const words = text
    .replaceAll(image, '')
    .replaceAll(repository, '')
    .replace(/"[^"]*"/g, '')
    .replace(/https?:\/\/\S+/g, '');
  return causes.find((cause) => cause.words.test(words))?.signature ?? 'image-unreachable';
}

/** Whether the text of a failed pull tells why. */
export function tellsCause({ says }: { says: string }): boolean {
  return !/: (?:Back-off pulling image .*|ImagePullBackOff|ErrImagePull|)$/.test(says);
}
