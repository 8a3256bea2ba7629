import { type Log, UserError } from '@slipway/kernel';
import { type Manifest, type Registry, RegistryDenied, readImageLabels } from '@slipway/registry';
import { keyLabel } from './build-key.ts';
import type { BuiltPlan } from './image-plan.ts';

const revisionLabel = 'org.opencontainers.image.revision';

/** What the registry has of an image before it is built. */
export type ExistingImage =
  /** Built from these inputs already, under the tag of the version or of the commit. */
  | { state: 'built'; manifest: Manifest; tag: string }
  /** To be built, and pushed under these tags, which name nothing yet. */
  | { state: 'absent'; tags: readonly string[] };

/**
 * Finds an image that was built from the same commit and inputs, by the tag of the version and that of the commit.
 * @throws UserError when the tag of the version is another image: a version is never overwritten.
 */
export async function findExisting(plan: BuiltPlan, registry: Registry, log: Log): Promise<ExistingImage> {
  const { repository, version, commitTag } = plan;
  const released = await readTag(plan, version, registry, log);
  if (released) {
    if (!released.isSame) throw neverOverwritten(plan, released);
    return { state: 'built', manifest: released.manifest, tag: version };
  }
  if (commitTag === null) return { state: 'absent', tags: [version] };
  const built = await readTag(plan, commitTag, registry, log);
  if (built?.isSame) return { state: 'built', manifest: built.manifest, tag: commitTag };
  if (built) log.info(`${repository}:${commitTag} has other build inputs; that tag stays as it is`);
  return { state: 'absent', tags: built ? [version] : [version, commitTag] };
}

interface TaggedImage {
  manifest: Manifest;
  labels: Readonly<Record<string, string>>;
  /** Of the same commit and build inputs. */
  isSame: boolean;
}

async function readTag(
  { repository, commit, build }: BuiltPlan,
  tag: string,
  registry: Registry,
  log: Log,
): Promise<TaggedImage | undefined> {
  try {
    const manifest = await registry.manifest(repository, tag);
    if (!manifest) return undefined;
    const labels = await readImageLabels(registry, repository, manifest);
    const isSame = labels[keyLabel] === build.labels[keyLabel] && (labels[revisionLabel] ?? '') === commit;
    return { manifest, labels, isSame };
  } catch (error) {
    // Some registries answer so for a repository that the push is about to create.
    if (!(error instanceof RegistryDenied)) throw error;
    log.warn(`${error.message}; the image is built`);
    return undefined;
  }
}

function neverOverwritten(plan: BuiltPlan, { labels }: TaggedImage): UserError {
  const { repository, version, commit } = plan;
  const tag = `${repository}:${version}`;
  const revision = labels[revisionLabel] ?? '';
  if (labels[keyLabel] === undefined) {
    return new UserError(`${tag} exists, and was not built by Slipway: a version is never overwritten`, {
      hint: `Release a new version, or remove services.${plan.services[0]}.build to deploy that image as it is.`,
    });
  }
  if (revision !== commit) {
    return new UserError(
      `${tag} is an image of commit ${short(revision)}, this release is of commit ${short(commit)}: a version is never overwritten`,
      {
        hint: `Release this commit as a new version. If ${version} was never deployed, delete its tag in the registry and re-run this job.`,
      },
    );
  }
  return new UserError(
    `${tag} was built from the same commit ${short(commit)} with other build inputs (context, Dockerfile, target, arguments, secrets or platform): a version is never overwritten`,
    {
      hint: 'Use the same build section in every environment, and set at run time what differs between them; or release a new version.',
    },
  );
}

function short(commit: string): string {
  return commit === '' ? '(none)' : commit.slice(0, 12);
}
