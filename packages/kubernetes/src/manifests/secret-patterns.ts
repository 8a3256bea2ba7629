/** Names of variables, annotations and fields with a value that must not be shown. */
const secretName = /pass|secret|token|key|credential|dsn|authorization|cookie/i;

/** Names of fields of any object that hold a secret itself, not the name of one. */
const secretField =
  /(?:pass|pwd|password|passwd|passphrase|secret|token|credentials?|dsn|api-?key|private-?key)$/i;

/** `user:password@` in an address. */
const login = /\/\/[^\s/@]*:[^\s/@]+@/;

/** `password=…`, `"token": "…"`, `--api-key …` inside a longer text; or a private key. */
const assigned =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private|secret)[-_]?key|credentials?|bearer|authorization)["']?\s*(?:[:=]|\s)\s*["']?[^\s"']/i;
const armoured = /-----BEGIN |\beyJ[\w-]{10,}\.[\w-]{10,}\./;

/** An option whose value is the next argument. */
const secretOption = /^-{1,2}[\w-]*(?:pass|secret|token|key|credential|dsn)[\w-]*$/i;

/** Whether a value with this name must not be shown. */
export function namesSecret(name: string): boolean {
  return secretName.test(name);
}

/** Whether a field with this name holds a secret itself. */
export function isSecretField(name: string): boolean {
  return secretField.test(name);
}

/** Whether the next argument after this one is a secret. */
export function announcesSecret(argument: unknown): boolean {
  return typeof argument === 'string' && secretOption.test(argument);
}

/** Whether a text shows a secret by its form, whatever it is called. */
export function showsSecret(value: string): boolean {
  return login.test(value) || assigned.test(value) || armoured.test(value);
}
