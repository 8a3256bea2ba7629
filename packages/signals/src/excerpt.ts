/** Characters of a body or value that a message shows. */
export const maxExcerpt = 200;

/** A URL for a message: without user and password. */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || (url.username === '' && url.password === '')) return text;
  url.username = '';
  url.password = '';
  return url.href;
}
