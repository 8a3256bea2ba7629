/** Characters of a body or value that a message shows. */
export const maxExcerpt = 200;

/** The beginning of a text from outside, on one line, for a message. */
export function excerpt(text: string, characters = maxExcerpt): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}

/** A URL for a message: without user and password. */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) return excerpt(text);
  if (url.username === '' && url.password === '') return text;
  url.username = '';
  url.password = '';
  return url.href;
}
