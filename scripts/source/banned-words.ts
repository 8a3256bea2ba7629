/** A word or phrase that is not used here. */
export interface Rule {
  /** What is found, as words in lower case. */
  pattern: RegExp;
  /** Where it is looked for: in names alone, in prose alone, or in both. */
  in?: 'name' | 'prose';
  use: string;
}

/** One word for one thing: docs/glossary.md has the words that are used. */
export const bannedWords: readonly Rule[] = [
  { pattern: /\b(?:told|tells?|telling)\b/, use: 'log, report, show, state; distinguish for "tell apart"' },
  { pattern: /\bmend(?:s|ed|ing)?\b/, use: 'fix' },
  { pattern: /\bstumbl(?:e|es|ed|ing)\b/, use: 'fail' },
  { pattern: /\banew\b/, use: 'again' },
  { pattern: /\bwithout a word\b|\b(?:said|says|say) nothing\b/, use: '(no output), silently' },
  {
    pattern:
      /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|fewer\b|later\b|earlier\b|matter\b)/,
    in: 'prose',
    use: 'is not a …',
  },
  { pattern: /\b(?:is|are|was|were) not one\b(?! of\b)/, in: 'prose', use: 'is malformed, is not a …' },
  {
    pattern:
      /\bof (?:its|their|his|her|our|my|your|one's) own\b(?! (?!and\b|or\b|which\b|that\b|for\b|on\b|in\b|at\b|with\b|to\b|is\b|are\b|was\b|when\b|has\b|as\b|the\b|since\b|while\b|before\b|after\b)[a-z])/,
    use: 'its own …, separate',
  },
  { pattern: /\bat the most\b/, use: 'at most' },
  { pattern: /\bbeside\b/, use: 'next to, with, in addition to' },
  {
    pattern:
      /\bbehind\b(?! (?:(?:a|an|the|its|their|your|our|any|each|that|this|one|same) )*(?:[\w-]+ )?(?:prox(?:y|ies)|load balancers?|approvals?|poolers?|nginx|pgbouncer|firewalls?)\b)/,
    use: 'after, past, below, without; "behind a proxy" stays',
  },
  { pattern: /\b(?:go|goes|going|went|gone) on\b/, in: 'prose', use: 'continue' },
  { pattern: /\b(?:stands|stood)\b(?! for\b)/, use: 'is, is written, is listed' },
  { pattern: /\bwhat is there\b/, in: 'prose', use: 'what exists' },
  { pattern: /\bby (?:itself|themselves)\b/, in: 'prose', use: 'alone, automatically, on its own' },
  {
    pattern:
      /\b(?:is|are|was|were|be|being|not|do|does|did|doing) well\b(?!-| (?:known|formed|above|below|under|over|within|before|after|into|past)\b)/,
    in: 'prose',
    use: 'is healthy',
  },
  { pattern: /\bhands\b/, use: 'manual intervention required; passes, manages' },
  {
    pattern: /\blook(?:s|ed|ing)?\b(?! (?:up|ahead)\b)/,
    in: 'name',
    use: 'inspect, read, check, sample, snapshot',
  },
  {
    pattern:
      /\b(?:an?|the|each|every|first|last|next|one|this|that|another|no|second|third|two|three|new|single|earlier|later|latest|same|of|between|per|some|many|few|all|these|those) looks?\b(?! (?:at|like|up|for|as)\b)|\b(?:an?|the|each|every|another|first|last|second|next) look\b/,
    in: 'prose',
    use: 'check, sample, snapshot, poll',
  },
  { pattern: /\bkept\b(?! [a-z]+ing\b)/, use: 'saved, retained, left' },
  {
    pattern: /(?<!\b(?:writable|readable|stream) )\bended\b(?! at\b)/,
    in: 'name',
    use: 'exited, finished, …Result',
  },
  {
    pattern: /(?<!-)\bended (?:with|as|by|on|in|after|before|badly|well|\d|without)/,
    in: 'prose',
    use: 'exited, finished, was stopped',
  },
  { pattern: /\bworlds?\b/, in: 'name', use: 'environment, SchemaModel, TargetState' },
  { pattern: /\bthe world\b/, in: 'prose', use: 'the environment' },
  { pattern: /\bgravit(?:y|ies)\b/, use: 'severity' },
  { pattern: /\bdoom(?:s|ed)?\b/, use: 'terminal failure' },
  { pattern: /\bway back\b/, use: 'down migration, rollback path' },
  { pattern: /\bleft-?overs?\b/, use: 'cleanup for the job, unfinished or partial object for the thing' },
  { pattern: /\boutlast(?:s|ed|ing)?\b/, use: 'retry while unreachable' },
  { pattern: /\berrands?\b/, use: 'operation' },
  { pattern: /\bfarewell\b/, use: 'close grace period' },
  { pattern: /\bpolite(?:ly|ness)?\b/, use: 'graceful, with notice' },
  { pattern: /\bpatien(?:ce|t|tly)\b/, use: 'timeout, …Ms' },
  { pattern: /\blinger(?:s|ed|ing)?\b/, use: 'still running, remaining' },
  { pattern: /(?<!\btermination )\bgrace\b(?![ -](?:periods?|ms|seconds)\b)/, use: '…GraceMs, grace period' },
  { pattern: /\bworkshop\b/, use: 'build tools' },
  { pattern: /\bsurroundings\b/, use: 'context' },
  { pattern: /\bpaperwork\b/, use: 'manual items' },
  {
    pattern: /\bforeign\b(?!(?: |-)(?:keys?|tables?|data|servers?|schemas?|wrappers?)\b)/,
    use: 'pre-existing, third-party, of another owner',
  },
  { pattern: /\bmeanwhile\b/, use: 'while …, at the same time' },
  { pattern: /\b(?:thereby|thereof|hitherto|lest)\b/, use: 'so, of it, so far, so that … not' },
  { pattern: /^(?:most|longest|deepest)\b(?! recent\b)/, in: 'name', use: 'max…' },
  { pattern: /\bplaces?$/, in: 'name', use: 'location, destination, position' },
  {
    pattern:
      /\b(?:an?|the|each|every|another|no|which|this|that|one|any|such a) contract\b(?! (?:migrations?|tests?|class|phase)\b)|\bcontracts\b(?! (?:the|it|its|a|them)\b)/,
    in: 'prose',
    use: 'a contract migration',
  },
];

/** Files that may hold such words, each with its reason. */
export const exemptFiles: readonly { file: RegExp; why: string }[] = [
  { file: /^scripts\/source\/banned-words\.ts$/, why: 'is the list' },
  { file: /^test\/contract\/words\.test\.ts$/, why: 'shows that each is found' },
  { file: /^docs\/glossary\.md$/, why: 'says which word is used in place of which' },
  {
    file: /^(?:dist|test\/fixtures|test\/workflow\/fixtures)\//,
    why: 'built, or recorded from programs of others',
  },
  { file: /^packages\/report\/src\/uplot-assets\.ts$/, why: 'holds a library as it is' },
  { file: /(?:^|\/)(?:LICENSE|licenses\.txt)$/, why: 'texts of others' },
];

/** Lines that may hold one all the same, each with its reason. */
export const exemptLines: readonly { file: RegExp; line: RegExp; why: string }[] = [
  { file: /\/names\.ts$/, line: /fetch for foreign from grant/, why: "is PostgreSQL's list of keywords" },
];
