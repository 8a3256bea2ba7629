import type { ContainerState, PodState, PodTemplate } from '../../snapshot/snapshot.ts';
import type { Signature } from '../finding.ts';
import { eventsOf, type Observation } from '../observation.ts';
import { containerSymptom, containersOf, type Symptom, type SymptomDetails } from './symptom.ts';
import { plainMessage } from './wording.ts';

/** Reasons of a container that waits for its image; the second one often names no cause. */
const pulling = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']);

interface Cause {
  signature: Signature;
  /** Wordings of dockershim, containerd and CRI-O. */
  words: RegExp;
}

/** Causes of a failed pull. Order matters: a registry that hides what exists answers `denied … does not exist`. */
const causes: readonly Cause[] = [
  {
    signature: 'wrong-architecture',
    words:
      /no match(?:ing manifest)? for (?:platform|\w+\/\w+)|no matching manifest|no image found in (?:image index|manifest list)|exec format error/i,
  },
  { signature: 'image-limited', words: /\b429\b|toomanyrequests|too many requests|rate limit/i },
  // A store that is being cleaned up reports a layer as "not found"; the next pull succeeds.
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
    'The registry limits pulls: log in with a pull secret, or use a mirror. The cluster keeps retrying.',
  'image-unreachable': () =>
    'Check that the nodes can reach the registry (name, proxy, certificate, firewall) and that it is up.',
  'image-denied': (image, { pullSecrets, serviceAccount }) =>
    pullSecrets.length > 0
      ? `Renew the credentials in pull secret ${pullSecrets.join(', ')}, or grant them the right to pull ${image}.`
      : `Add a pull secret for the registry to the pod template or to service account ${serviceAccount ?? 'default'}, and check the spelling of ${image}.`,
  'image-missing': (image) =>
    `Check that ${image} exists in this registry under this name and was not deleted.`,
};

/** Images that cannot be pulled. */
export function imageSymptoms(observation: Observation): Symptom[] {
  const { template } = observation.workload;
  return observation.fresh.flatMap((pod) =>
    containersOf(pod, template).flatMap(({ container }) => {
      const details = unusable(container) ?? unpulled(observation, pod, container);
      return details ? [containerSymptom(pod, container, details)] : [];
    }),
  );
}

/** Images that no pull can provide. */
function unusable({ state, reason, message, image }: ContainerState): SymptomDetails | null {
  if (state !== 'waiting') return null;
  if (reason === 'InvalidImageName')
    return {
      signature: 'image-invalid',
      predicate: `has an invalid image name: ${plainMessage(message) || image}`,
      remedy: `Correct the reference ${image}.`,
    };
  if (reason === 'ErrImageNeverPull')
    return {
      signature: 'image-never-pulled',
      predicate: `needs ${image}, which is not on the node, and its imagePullPolicy forbids a pull`,
      remedy: 'Set imagePullPolicy to IfNotPresent, or load the image onto every node.',
    };
  return null;
}

function unpulled(observation: Observation, pod: PodState, container: ContainerState): SymptomDetails | null {
  const { state, reason, image } = container;
  if (state !== 'waiting' || !pulling.has(reason)) return null;
  const text = pullText(observation, pod, container);
  const signature = classifyPull(text, image);
  const predicate = `cannot pull ${image}: ${plainMessage(text)}`;
  return { signature, predicate, remedy: remedies[signature]?.(image, observation.workload.template) ?? '' };
}

/** The text that names the cause: the status, or the newest event of the pod once the status is only "Back-off". */
function pullText(
  observation: Observation,
  pod: PodState,
  { name, reason, message }: ContainerState,
): string {
  const bare = /^(?:Back-off pulling image "[^"]*")?$/;
  if (reason !== 'ImagePullBackOff' && message !== '') return message;
  if (!bare.test(message)) return message;
  const failed = eventsOf(observation, pod, name).findLast((event) =>
    event.message.startsWith('Failed to pull image'),
  );
  return failed?.message ?? (message || reason);
}

/** The signature of a text. Without a known cause the registry counts as unreachable, which heals or lasts. */
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

/** Whether the text of a failed pull names the cause. */
export function statesCause({ predicate }: { predicate: string }): boolean {
  return !/: (?:Back-off pulling image .*|ImagePullBackOff|ErrImagePull|)$/.test(predicate);
}
