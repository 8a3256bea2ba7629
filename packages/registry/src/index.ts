export { type Credentials, dockerConfigFolder, readDockerConfig } from './credentials.ts';
export { readImageLabels } from './image-labels.ts';
export { openRegistry, type RegistryLogin } from './open-registry.ts';
export { type Manifest, Registry, RegistryDenied } from './registry.ts';
export { registryAddress } from './registry-address.ts';
export { parseChallenge } from './registry-auth.ts';
