import {
  type Document,
  type DocumentOptions,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  type SchemaOptions,
  type Tags,
  type ToStringOptions,
  visit,
} from 'yaml';
import { findTemplate, helmProblem, type LineProblem } from './helm-template.ts';

/** A document of a file, before its content is checked. */
export interface RawDocument {
  document: Document;
  value: unknown;
  line: number;
  lines: LineCounter | null;
  layout: ToStringOptions;
}

/** Types of YAML 1.1 that kubectl does not have: it reads `12:30` and `2026-01-31` as text. */
const unknownToKubectl = /(?:timestamp|binary|omap|pairs|set)$/;

/**
 * kubectl reads YAML 1.1: `defaultMode: 0644` is octal, `yes` is true, `<<` merges. The objects must mean the same here.
 */
const dialect: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  prettyErrors: false,
  logLevel: 'error',
  customTags: (tags: Tags): Tags =>
    tags.filter(
      (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !unknownToKubectl.test(tag.tag)),
    ),
};

/** The documents of a text that have content. Comments stay in them. */
export function parseManifests(content: string): { documents: RawDocument[]; problems: LineProblem[] } {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(content, { ...dialect, lineCounter: lines });
  const documents: Document[] = 'empty' in parsed ? [] : (parsed as Document[]);
  const broken = documents.flatMap(({ errors }) => errors);
  const template = findTemplate(content, documents, broken.length > 0);
  if (template !== null) return { documents: [], problems: [helmProblem(lines.linePos(template).line)] };
  const problems = broken.map(({ code, message, pos }) => ({
    line: Math.max(1, lines.linePos(pos[0]).line),
    message:
      code === 'DUPLICATE_KEY'
        ? 'expected each key once, found a duplicate of an earlier key'
        : yaml(message),
  }));
  if (problems.length > 0) return { documents: [], problems };
  const layout = layoutOf(content);
  return read(
    documents.filter(({ contents }) => contents !== null && !isNothing(contents)),
    lines,
    layout,
  );
}

function read(
  documents: readonly Document[],
  lines: LineCounter,
  layout: ToStringOptions,
): { documents: RawDocument[]; problems: LineProblem[] } {
  const found: RawDocument[] = [];
  const problems: LineProblem[] = [];
  for (const document of documents) {
    const line = Math.max(1, lines.linePos(document.contents?.range?.[0] ?? 0).line);
    try {
      const value: unknown = document.toJS();
      const expanded = sharesNodes(document);
      found.push({
        document: expanded ? newDocument(value) : document,
        value,
        line,
        lines: expanded ? null : lines,
        layout,
      });
    } catch (error) {
      problems.push({ line, message: yaml((error as Error).message) });
    }
  }
  return { documents: found, problems };
}

/** A document of plain values, in the dialect of kubectl. */
function newDocument(value: unknown): Document {
  const [document] = parseAllDocuments('{}', dialect) as Document[];
  if (!document) throw new Error('yaml parsed "{}" into nothing');
  document.contents = document.createNode(value, { aliasDuplicateObjects: false }) as Document['contents'];
  return document;
}

function yaml(message: string): string {
  return `expected valid YAML, found: ${message.trim()}`;
}

function isNothing(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

/** Anchors and merges: one node in several places cannot be changed in one of them only. */
function sharesNodes(document: Document): boolean {
  let shares = false;
  visit(document, {
    Alias: () => {
      shares = true;
      return visit.BREAK;
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '<<') return undefined;
      shares = true;
      return visit.BREAK;
    },
  });
  return shares;
}

/** The author's formatting, so that the output differs in the changed lines only. */
function layoutOf(content: string): ToStringOptions {
  const indented = /^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*#[^\n]*\n|\s*\n)*\1- /m.test(content);
  return { lineWidth: 0, indentSeq: !indented, flowCollectionPadding: !/[:-] +[{[][^\s}\]]/.test(content) };
}
