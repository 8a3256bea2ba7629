import { readImage } from '@slipway/kernel';

/** The complete repository of a reference; null when the text is not a reference. */
export function repositoryOf(reference: string): string | null {
  const image = readImage(reference);
  return image ? repositoryKey(image.repository) : null;
}

/** A repository as the engine completes it: `nginx` is `docker.io/library/nginx`. */
export function repositoryKey(repository: string): string {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  // A first part is a host when it could not be part of a path on Docker Hub.
  const hasHost = first === 'localhost' || /[.:A-Z[]/.test(first);
  const host = hasHost ? first.toLowerCase() : 'docker.io';
  const path = hasHost ? repository.slice(slash + 1) : repository;
  if (host !== 'docker.io' && host !== 'index.docker.io') return `${host}/${path}`;
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`;
}

/** Those with the most in common with the repository first: the last part of the name weighs most. */
export function sortByNearness<Item>(
  repository: string,
  items: readonly Item[],
  imageOf: (item: Item) => string,
): Item[] {
  const wanted = words(repository);
  const score = (item: Item): number => {
    const found = words(imageOf(item));
    const alike = (word: string): number =>
      found.includes(word) ? 2 : found.some((one) => one.startsWith(word) || word.startsWith(one)) ? 1 : 0;
    return wanted.reduce((sum, word, index) => sum + alike(word) * (index + 1), 0);
  };
  return [...items].sort((a, b) => score(b) - score(a));
}

function words(reference: string): string[] {
  return reference
    .replace(/@.*$/, '')
    .split(/[/:._-]+/)
    .filter(Boolean);
}
