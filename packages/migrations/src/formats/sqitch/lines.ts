/** A line of a plan that says something. */
export interface SqitchLine {
  kind: 'change' | 'tag';
  name: string;
  dependencies: { type: 'require' | 'conflict'; project?: string; change: string; tag?: string }[];
  /** UTC, `2024-01-31T12:00:00Z`. */
  date: string;
  planner: { name: string; email: string };
  note: string;
  /** From 1. */
  line: number;
}

export interface PlanLines {
  project: string;
  uri: string | null;
  lines: SqitchLine[];
  /** Each with its line: `7: …`. */
  problems: string[];
}

/** A name neither begins nor ends with punctuation; `_` is none. */
const punctuation = '[-!"#$%&\'()*+,./:;<=>?@[\\\\\\]^`{|}~]';
const name = `(?!${punctuation})(?:(?![~/=%^[\\]]\\d+(?:$|[ \\t]))[^\\s:@#\\\\])+(?<!${punctuation})`;
const pragma = /^[ \t]*%[ \t]*([^\s=]+)(?:[ \t]*=[ \t]*(.+))?$/;
const entry = new RegExp(
  `^[ \\t]*(?:(@)|([+-])[ \\t]*)?(${name})(?:[ \\t]+\\[([^\\]]+)\\])?[ \\t]+(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)[ \\t]+([^<]+)[ \\t]+<([^>]+)>$`,
);
const dependency = new RegExp(`^(!?)(?:(${name}):)?(${name})?(?:@(${name}))?$`);

/** The lines of a plan, without what they mean together. After sqitch's App::Sqitch::Plan. Pure. */
export function readPlanLines(text: string): PlanLines {
  const pragmas = new Map<string, string>();
  const lines: SqitchLine[] = [];
  const problems: string[] = [];
  let heading = true;
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const { said, note } = splitNote(whole);
    if (said === '') {
      if (note === '') heading = false;
      continue;
    }
    const [, key, value] = heading ? (pragma.exec(said) ?? []) : [];
    if (key !== undefined) pragmas.set(key, value ?? '');
    else if (heading) problems.push(`${line}: an empty line must separate the "%" lines from the changes`);
    else parseEntry(said, note, line, lines, problems);
  }
  const project = pragmas.get('project') ?? '';
  if (project === '') problems.unshift('1: there is no line "%project=…"');
  return { project, uri: canonicalUri(pragmas.get('uri')), lines, problems };
}

function parseEntry(said: string, note: string, line: number, lines: SqitchLine[], problems: string[]): void {
  const [, at, operator, called, needs, date, planner, email] = entry.exec(said) ?? [];
  if (called === undefined || date === undefined || planner === undefined || email === undefined) {
    problems.push(`${line}: the line is not "name [dependencies] date planner <email>"`);
    return;
  }
  if (operator === '-')
    problems.push(`${line}: a line that reverts a change is not supported; revert it with sqitch`);
  const dependencies = (needs ?? '').split(/[ \t]+/).flatMap((one): SqitchLine['dependencies'] => {
    if (one === '') return [];
    const [found, not, project, change, tag] = dependency.exec(one) ?? [];
    if (found === undefined || (change === undefined && tag === undefined)) {
      problems.push(`${line}: "${one}" is not a dependency`);
      return [];
    }
    const type = not === '!' ? 'conflict' : 'require';
    return [
      { type, change: change ?? '', ...(project ? { project } : {}), ...(tag === undefined ? {} : { tag }) },
    ];
  });
  lines.push({
    kind: at ? 'tag' : 'change',
    name: called,
    dependencies,
    date,
    planner: { name: planner, email },
    note,
    line,
  });
}

/** A note begins at the first `#`; line ends in it are escaped. */
function splitNote(whole: string): { said: string; note: string } {
  const at = whole.indexOf('#');
  if (at < 0) return { said: whole.trimEnd(), note: '' };
  const escapes: Record<string, string> = { '\\n': '\n', '\\r': '\r', '\\\\': '\\' };
  const note = whole
    .slice(at + 1)
    .trim()
    .replace(/\\[\\nr]/g, (found) => escapes[found] ?? found);
  return { said: whole.slice(0, at).trimEnd(), note };
}

/** Scheme and host in lower case, a path where there is none, as Perl's URI writes it. */
function canonicalUri(uri: string | undefined): string | null {
  if (!uri) return null;
  return URL.canParse(uri) ? new URL(uri).href : uri;
}
