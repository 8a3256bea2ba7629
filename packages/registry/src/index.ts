export { type Credentials, dockerConfigFolder, findCredentials, readDockerConfig } from './credentials.ts';
export { openRegistry } from './open-registry.ts';
export { type Manifest, Registry } from './registry.ts';
export { registryAddress } from './registry-address.ts';
export { parseChallenge } from './registry-auth.ts';
