/** Where the API of an image's registry is, and what the image is called there. */
export interface RegistryAddress {
  /** As image names and logins spell it. */
  host: string;
  /** Of the API, without a path. */
  origin: string;
  /** Name of the repository in the API. */
  name: string;
}

/**
 * Takes a repository apart as Docker does: the first component is a host when it has a dot or a port or is
 * `localhost`; everything else is on Docker Hub. As with Docker, only loopback registries are reached over plain HTTP.
 */
export function registryAddress(repository: string): RegistryAddress {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  if (!/[.:]/.test(first) && first !== 'localhost') return hub(repository);
  const name = repository.slice(slash + 1);
  if (first === 'docker.io' || first === 'index.docker.io') return hub(name);
  return { host: first, origin: `${isLoopback(first) ? 'http' : 'https'}://${first}`, name };
}

function hub(name: string): RegistryAddress {
  return {
    host: 'docker.io',
    origin: 'https://registry-1.docker.io',
    name: name.includes('/') ? name : `library/${name}`,
  };
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}
