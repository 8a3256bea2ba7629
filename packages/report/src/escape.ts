/** Text that is already HTML. Only `html` creates it, so everything that comes from outside is escaped. */
export interface Markup {
  readonly markup: string;
}

type Piece = Markup | string | number | null | undefined | readonly Piece[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template for HTML. Values are escaped unless they are markup; lists are joined; null and undefined are empty. */
export function html(fixed: TemplateStringsArray, ...pieces: Piece[]): Markup {
  let markup = fixed[0] as string;
  for (let at = 0; at < pieces.length; at++) markup += markupOf(pieces[at]) + fixed[at + 1];
  return { markup };
}

function markupOf(piece: Piece): string {
  if (piece === null || piece === undefined) return '';
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  if ('markup' in piece) return piece.markup;
  let markup = '';
  for (const one of piece) markup += markupOf(one);
  return markup;
}

/** Text without escaping: for our style and scripts, whose hashes are in the page's policy. */
export function verbatim(ours: string): Markup {
  return { markup: ours };
}

export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** JSON for a script element: it can neither close the element nor break a line of JavaScript. */
export function embedJson(value: unknown): Markup {
  const escaped = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { markup: escaped };
}

/** Everything that `printable` changes; hardly a text has any of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Without terminal colours, control characters and the marks that turn the direction of writing (they can make one
 * file name look like another). Line breaks and tabs stay.
 */
export function printable(text: string): string {
  if (text.search(unprintable) < 0) return text;
  return (
    text
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away
      .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
      .replace(unprintable, '')
  );
}
