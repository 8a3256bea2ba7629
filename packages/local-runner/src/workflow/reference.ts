/** What a `uses` points at. */
export type Reference =
  /** In the repository of the file that says so, at the running commit. */
  | { kind: 'own'; path: string }
  /** `./`: in the caller's repository (workflows) or in the workspace (actions). */
  | { kind: 'local'; path: string }
  | { kind: 'remote'; repository: string; path: string; ref: string };

/** Reads `$/x`, `./x` and `OWNER/REPO/x@REF`, or null for anything else (`docker://…`, expressions). */
export function parseReference(uses: string): Reference | null {
  const near = /^([$.])\/([^@\s]+)$/.exec(uses);
  if (near) return { kind: near[1] === '$' ? 'own' : 'local', path: near[2] ?? '' };
  const far = /^([\w.-]+\/[\w.-]+)((?:\/[^@\s/]+)*)@([^\s@]+)$/.exec(uses);
  if (!far) return null;
  return { kind: 'remote', repository: far[1] ?? '', path: (far[2] ?? '').slice(1), ref: far[3] ?? '' };
}
