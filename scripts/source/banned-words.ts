/** A word or phrase that is not used here. */
export interface Rule {
  /** What is found, as words in lower case. */
  pattern: RegExp;
  /** Where it is looked for: in names alone, in prose alone, or in both. */
  in?: 'name' | 'prose';
  use: string;
  /** What it finds: a name where it is looked for in names alone, else prose. A test proves that it does. */
  example: string;
}

/** One word for one thing: docs/glossary.md has the words that are used. */
export const bannedWords: readonly Rule[] = [
  {
    pattern: /\b(?:told|tells?|telling)\b/,
    use: 'log, report, show, state; distinguish for "tell apart"',
    example: 'They are told apart',
  },
  { pattern: /\bmend(?:s|ed|ing)?\b/, use: 'fix', example: 'Mend the cause' },
  { pattern: /\bstumbl(?:e|es|ed|ing)\b/, use: 'fail', example: 'The run stumbles' },
  { pattern: /\banew\b/, use: 'again', example: 'Start it anew' },
  {
    pattern: /\bwithout a word\b|\b(?:said|says|say) nothing\b/,
    use: '(no output), silently',
    example: 'It ended without a word',
  },
  {
    pattern:
      /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|fewer\b|later\b|earlier\b|matter\b)/,
    in: 'prose',
    use: 'is not a …',
    example: 'There is a host that is no server',
  },
  {
    pattern: /\b(?:is|are|was|were) not one\b(?! of\b)/,
    in: 'prose',
    use: 'is malformed, is not a …',
    example: 'The database URL is not one',
  },
  {
    pattern:
      /\bof (?:its|their|his|her|our|my|your|one's) own\b(?! (?!and\b|or\b|which\b|that\b|for\b|on\b|in\b|at\b|with\b|to\b|is\b|are\b|was\b|when\b|has\b|as\b|the\b|since\b|while\b|before\b|after\b)[a-z])/,
    use: 'its own …, separate',
    example: 'A folder of its own',
  },
  { pattern: /\bat the most\b/, use: 'at most', example: 'Ten at the most' },
  { pattern: /\bbeside\b/, use: 'next to, with, in addition to', example: 'A file beside it' },
  {
    pattern:
      /\bbehind\b(?! (?:(?:a|an|the|its|their|your|our|any|each|that|this|one|same) )*(?:[\w-]+ )?(?:prox(?:y|ies)|load balancers?|approvals?|poolers?|nginx|pgbouncer|firewalls?)\b)/,
    use: 'after, past, below, without; "behind a proxy" stays',
    example: 'The table behind it',
  },
  { pattern: /\b(?:go|goes|going|went|gone) on\b/, in: 'prose', use: 'continue', example: 'The run goes on' },
  {
    pattern: /\b(?:stands|stood)\b(?! for\b)/,
    use: 'is, is written, is listed',
    example: 'The file stands there',
  },
  { pattern: /\bwhat is there\b/, in: 'prose', use: 'what exists', example: 'Take what is there' },
  {
    pattern: /\bby (?:itself|themselves)\b/,
    in: 'prose',
    use: 'alone, automatically, on its own',
    example: 'It heals by itself',
  },
  {
    pattern:
      /\b(?:is|are|was|were|be|being|not|do|does|did|doing) well\b(?!-| (?:known|formed|above|below|under|over|within|before|after|into|past)\b)/,
    in: 'prose',
    use: 'is healthy',
    example: 'The service is not well',
  },
  { pattern: /\bhands\b/, use: 'manual intervention required; passes, manages', example: 'This needs hands' },
  {
    pattern: /\blook(?:s|ed|ing)?\b(?! (?:up|ahead)\b)/,
    in: 'name',
    use: 'inspect, read, check, sample, snapshot',
    example: 'lookAround',
  },
  {
    pattern:
      /\b(?:an?|the|each|every|first|last|next|one|this|that|another|no|second|third|two|three|new|single|earlier|later|latest|same|of|between|per|some|many|few|all|these|those) looks?\b(?! (?:at|like|up|for|as)\b)|\b(?:an?|the|each|every|another|first|last|second|next) look\b/,
    in: 'prose',
    use: 'check, sample, snapshot, poll',
    example: 'Take a look now',
  },
  { pattern: /\bkept\b(?! [a-z]+ing\b)/, use: 'saved, retained, left', example: 'Files that are kept' },
  {
    pattern: /(?<!\b(?:writable|readable|stream) )\bended\b(?! at\b)/,
    in: 'name',
    use: 'exited, finished, …Result',
    example: 'endedRuns',
  },
  {
    pattern: /(?<!-)\bended (?:with|as|by|on|in|after|before|badly|well|\d|without)/,
    in: 'prose',
    use: 'exited, finished, was stopped',
    example: 'It ended with code 1',
  },
  { pattern: /\bworlds?\b/, in: 'name', use: 'environment, SchemaModel, TargetState', example: 'emptyWorld' },
  { pattern: /\bthe world\b/, in: 'prose', use: 'the environment', example: 'Look at the world' },
  { pattern: /\bgravit(?:y|ies)\b/, use: 'severity', example: 'Its gravity is high' },
  { pattern: /\bdoom(?:s|ed)?\b/, use: 'terminal failure', example: 'A doomed release' },
  { pattern: /\bway back\b/, use: 'down migration, rollback path', example: 'The way back' },
  {
    pattern: /\bleft-?overs?\b/,
    use: 'cleanup for the job, unfinished or partial object for the thing',
    example: 'A left-over file',
  },
  { pattern: /\boutlast(?:s|ed|ing)?\b/, use: 'retry while unreachable', example: 'It outlasts the server' },
  { pattern: /\berrands?\b/, use: 'operation', example: 'An errand for later' },
  { pattern: /\bfarewell\b/, use: 'close grace period', example: 'A farewell to the client' },
  { pattern: /\bpolite(?:ly|ness)?\b/, use: 'graceful, with notice', example: 'A polite stop' },
  { pattern: /\bpatien(?:ce|t|tly)\b/, use: 'timeout, …Ms', example: 'Have patience' },
  { pattern: /\blinger(?:s|ed|ing)?\b/, use: 'still running, remaining', example: 'It lingers for a while' },
  {
    pattern: /(?<!\btermination )\bgrace\b(?![ -](?:periods?|ms|seconds)\b)/,
    use: '…GraceMs, grace period',
    example: 'A grace of 5 s',
  },
  { pattern: /\bworkshop\b/, use: 'build tools', example: 'The workshop is empty' },
  { pattern: /\bsurroundings\b/, use: 'context', example: 'In these surroundings' },
  { pattern: /\bpaperwork\b/, use: 'manual items', example: 'Only paperwork is left' },
  {
    pattern: /\bforeign\b(?!(?: |-)(?:keys?|tables?|data|servers?|schemas?|wrappers?)\b)/,
    use: 'pre-existing, third-party, of another owner',
    example: 'A foreign owner',
  },
  { pattern: /\bmeanwhile\b/, use: 'while …, at the same time', example: 'It runs meanwhile' },
  {
    pattern: /\b(?:thereby|thereof|hitherto|lest)\b/,
    use: 'so, of it, so far, so that … not',
    example: 'It is thereby done',
  },
  { pattern: /^(?:most|longest|deepest)\b(?! recent\b)/, in: 'name', use: 'max…', example: 'mostLines' },
  { pattern: /\bplaces?$/, in: 'name', use: 'location, destination, position', example: 'firstPlace' },
  { pattern: /^ground\b|\bground$/, in: 'name', use: 'fixture, cluster', example: 'layGround' },
  {
    pattern:
      /\b(?:an?|the|each|every|another|no|which|this|that|one|any|such a) contract\b(?! (?:migrations?|tests?|class|phase)\b)|\bcontracts\b(?! (?:the|it|its|a|them)\b)/,
    in: 'prose',
    use: 'a contract migration',
    example: 'Apply the contract first',
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
  { file: /\.ts$/, line: /'database' \| 'contracts'/, why: 'names a property' },
  { file: /\.ts$/, line: /'behind'/, why: "is GitHub's word for an older commit" },
  { file: /\/names\.ts$/, line: /fetch for foreign from grant/, why: "is PostgreSQL's list of keywords" },
];
