import type { SqlStatement } from '../syntax/grammar.ts';
import { createLocator } from '../syntax/location.ts';
import type { Script } from '../syntax/script.ts';
import { ruleFinder, ruleNames, rulesFor } from './catalogue.ts';
import { classOf, isMarkedContract } from './class.ts';
import type { CatalogFacts } from './facts.ts';
import { type Finding, type Hit, type Level, type Rule, subjectOf } from './finding.ts';
import { downHits } from './rules/down.ts';
import { SchemaModel } from './schema-model.ts';
import { type Waiver, waiverFindings, waiversOf } from './waivers.ts';

export interface LintOptions {
  /** Tables that only grow, with or without a schema: `events`, `es.mt_events`. */
  appendOnly: readonly string[];
  /** What is known of the database. */
  known?: CatalogFacts;
  /** Files that are contract migrations by something other than their marker. */
  contractFiles?: readonly string[];
  /** Down files by their up file; null where one is missing. A file that is not in it belongs to a format without. */
  downs?: ReadonlyMap<string, Script | null>;
}

export interface LintResult {
  /** By file, each in the order of its lines; waived ones among them. */
  findings: Finding[];
  /** What each file does to the running version. */
  classes: ReadonlyMap<string, 'none' | 'expand' | 'contract'>;
}

/**
 * Checks the files of a release in the order in which they will run. What they create themselves is exempt: nobody uses
 * it yet. Pure.
 */
export function lintScripts(scripts: readonly Script[], options: LintOptions): LintResult {
  const run: Run = {
    schema: new SchemaModel(options.known),
    rulesOn: ruleFinder(rulesFor(options.appendOnly)),
    names: new Set(ruleNames()),
    options,
  };
  const linted = scripts.map((script) => lintScript(script, run));
  return {
    findings: linted.flatMap(({ findings }) => findings),
    classes: new Map(linted.map((one) => [one.file, one.class])),
  };
}

interface Run {
  schema: SchemaModel;
  rulesOn: ReturnType<typeof ruleFinder>;
  names: ReadonlySet<string>;
  options: LintOptions;
}

/** A hit with its rule, its level, and the statement whose waivers apply. */
interface Found {
  rule: Pick<Rule, 'name' | 'contract'>;
  level: Level;
  hit: Hit;
  statement: SqlStatement;
}

function lintScript(script: Script, run: Run) {
  const found = [...statementHits(script, run), ...fileHits(script, run.options)];
  const contract = isMarkedContract(script.sql) || run.options.contractFiles?.includes(script.file) === true;
  const locate = createLocator(script.sql);
  const waivers = waiversOf(script, locate);
  const used = new Set<Waiver>();
  const findings = found.map(({ rule, level, hit, statement }): Finding => {
    const location = locate(hit.offset);
    const applicable = waivers.filter(
      (one) => one.rules.includes(rule.name) && one.covers(statement, location.line),
    );
    for (const one of applicable) used.add(one);
    const reason = applicable.find((one) => one.reason !== null)?.reason ?? null;
    const waived = rule.contract && contract ? 'the file is marked as contract' : reason;
    const { message, remedy } = hit;
    return { rule: rule.name, level, file: script.file, ...location, message, remedy, waived };
  });
  const breaks = contract || found.some(({ rule }) => rule.contract === true || rule.name === 'change-type');
  return {
    file: script.file,
    class: classOf(script, breaks),
    findings: [...findings, ...waiverFindings(script, waivers, used, run.names)].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    ),
  };
}

function statementHits(script: Script, { schema, rulesOn }: Run): Found[] {
  const found: Found[] = [];
  let nodeWithoutFindings: object | undefined;
  for (const outer of script.statements) {
    // INSERTs of a file of data share their node: without a finding in one, the next has none either.
    if (nodeWithoutFindings === outer.node) continue;
    const before = found.length;
    for (const statement of [outer, ...(outer.inside?.statements ?? [])]) {
      const subject = subjectOf(statement, script, schema);
      for (const rule of rulesOn(statement.tag))
        for (const hit of rule.check(subject))
          found.push({ rule, level: hit.level ?? rule.level, hit, statement: outer });
      schema.add(statement, script.file);
    }
    nodeWithoutFindings = found.length === before ? outer.node : undefined;
  }
  return found;
}

function fileHits(script: Script, { downs }: LintOptions): Found[] {
  const down = downs?.get(script.file);
  const [statement] = script.statements;
  if (down === undefined || !statement) return [];
  return downHits(script, down).map(({ rule, hit }) => ({
    rule: { name: rule },
    level: 'info',
    hit,
    statement,
  }));
}
