import { parseImage, UserError } from '@slipway/kernel';
import type { RecordedService, ReleaseRecord } from '@slipway/release';

/**
 * The image of every service, in rollout order: from the input `images` (lines `service=repository@sha256:…`), else
 * from the record. @throws UserError that names every service without a digest; a tag alone is never rolled out.
 */
export function desiredImages(
  services: readonly string[],
  record: ReleaseRecord,
  input: string,
): Map<string, { image: string; digest: string }> {
  const given = readLines(input, services);
  const found = new Map<string, { image: string; digest: string }>();
  for (const name of services) {
    const { image, digest } = given.get(name) ?? (record.services[name] as RecordedService | undefined) ?? {};
    if (image && digest) found.set(name, { image, digest });
  }
  const missing = services.filter((name) => !found.has(name));
  if (missing.length === 0) return found;
  throw new UserError(`there is no digest to roll out for ${missing.join(', ')}`, {
    hint: 'Run build-push before and hand its "release" output on, or set the input "images".',
  });
}

function readLines(
  input: string,
  services: readonly string[],
): Map<string, { image: string; digest: string }> {
  const lines = input.split('\n').map((line) => line.trim());
  const given = new Map<string, { image: string; digest: string }>();
  for (const line of lines.filter((text) => text !== '')) {
    const at = line.indexOf('=');
    const [name, reference] = [line.slice(0, at), line.slice(at + 1)];
    if (at < 1 || !services.includes(name)) {
      throw new UserError(
        `input "images": "${line}" does not begin with a service of the configuration (${services.join(', ')})`,
      );
    }
    const { repository, digest } = parseImage(reference);
    if (!digest)
      throw new UserError(`input "images": ${name} needs an image by digest, found "${reference}"`);
    given.set(name, { image: repository, digest });
  }
  return given;
}
