/** Encoded forms shorter than this are ordinary text far more often than a secret. */
const minEncodedLength = 6;
/** The GitHub runner takes a part of a secret next to `&` for one from this length on. */
const minAmpersandPart = 6;

type Encoder = (value: string) => readonly string[];

/**
 * Every form in which a secret is written by programs that escape or encode it, the value itself first: all that the
 * GitHub runner masks (its ValueEncoders), and the forms of HTML, of web forms and of JSON in ASCII besides.
 */
export function encodedForms(secret: string): string[] {
  const encoded = encoders.flatMap((encode) => encode(secret));
  return [...new Set([secret, ...encoded.filter((form) => form.length >= minEncodedLength)])];
}

const encoders: readonly Encoder[] = [
  base64,
  percentEncoded,
  jsonString,
  (value) => [xml(value, '&apos;'), xml(value, '&#39;')],
  // Arguments of a command line, literals of SQL and of GitHub's expressions, words of a shell.
  (value) => [value.replaceAll('"', '\\"'), value.replaceAll("'", "''"), value.replaceAll("'", "'\\''")],
  (value) => (value.length > 8 && /^".*"$/s.test(value) ? [value.slice(1, -1)] : []),
  ampersandParts,
];

/**
 * The three alignments that a secret may have within a longer text, in both alphabets: with and without padding, and
 * without a last character that depends on the text after it.
 */
function base64(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((skipped) => {
    const pruned = bytes.subarray(skipped);
    const padded = pruned.toString('base64');
    const whole = Math.floor((pruned.length * 8) / 6);
    const url = pruned.toString('base64url');
    return [padded, padded.replace(/=+$/, ''), padded.slice(0, whole), url, url.slice(0, whole)];
  });
}

/** As RFC 3986, encodeURIComponent and a web form write it; the digits of an escape may be small. */
function percentEncoded(value: string): string[] {
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const component = isWellFormed(value) ? encodeURIComponent(value) : form;
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [strict, component, form];
  return [...all, ...all.map((text) => text.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase()))];
}

function isWellFormed(value: string): boolean {
  return !/[\uD800-\uDFFF]/.test(value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ''));
}

/** As JavaScript writes it, in ASCII alone, with escaped slashes, and once more inside a string of JSON. */
function jsonString(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replace(/[\u007f-\uffff]/g, (sign) => unicodeEscape(sign));
  const html = ascii.replace(/[<>&']/g, (sign) => unicodeEscape(sign));
  return [plain, ascii, html, plain.replaceAll('/', '\\/'), JSON.stringify(plain).slice(1, -1)];
}

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function xml(value: string, apostrophe: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);
}

/** PowerShell prints a command that failed in two colours, parted at its last `&`, or at `&+` and a letter more. */
function ampersandParts(value: string): string[] {
  const plus = value.indexOf('&+');
  const [end, begin] =
    plus >= 0 ? [plus + 2, plus + 3] : [value.lastIndexOf('&') + 1, value.lastIndexOf('&') + 1];
  if (end === 0) return [];
  return [value.slice(0, end), value.slice(begin)].filter((part) => part.length >= minAmpersandPart);
}
