/**
 * Whether a pattern of an environment's deployment branches and tags matches a name, as File.fnmatch with FNM_PATHNAME does,
 * by which GitHub compares: `*` and `?` stop at a slash, `**` followed by a slash stands for any folders.
 */
export function matchesRef(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*\*\/?|\*|\?|\[!?[^\]]+\]|[\\^$.|+(){}[\]]/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**' || part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('[') && part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`).test(name);
}
