/** A key of several lines, as people paste it. */
const key = '-----BEGIN PRIVATE KEY-----\nMIIE/vQ#IB\n-----END PRIVATE KEY-----';

/** The user of the registry is a part of the images' names, as on every public registry. */
export const registryLogin = { REGISTRY_USERNAME: 'docsense', REGISTRY_PASSWORD: 'p#ss=w"rd' };

/** Secrets that are names as well: of the application, of the environment, of the version. GitHub drops what holds them. */
export const unluckySecrets = `# as in an env file
APP=docsense
ADMIN_USER=prod
APP_VERSION=2.0.0
ADMIN_PASSWORD=S3cr3t#Passw0rd
SIGNING_KEY="${key}"
`;
