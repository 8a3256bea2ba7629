import { UserError } from './errors.ts';

/** Where a driver or a program of PostgreSQL connects, and as whom. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** What reading a URL found; `problem` continues a sentence (`the database URL …`) and holds nothing of the URL. */
export type DatabaseUrlResult = { ok: true; url: DatabaseUrl } | { ok: false; problem: string };

const defaultPort = 5432;

/** Parameters of the URL and the variables by which libpq takes them. */
const libpqVariables: readonly [parameter: string, variable: string][] = [
  ['sslmode', 'PGSSLMODE'],
  ['sslrootcert', 'PGSSLROOTCERT'],
  ['sslcert', 'PGSSLCERT'],
  ['sslkey', 'PGSSLKEY'],
  ['options', 'PGOPTIONS'],
];

/**
 * The URL of a PostgreSQL database, read once, as the driver and libpq read it: user, password, host and port may also
 * be parameters, a host may be the folder of a socket. Printing it shows neither the password nor a parameter; the text
 * itself comes by `reveal` alone.
 */
export class DatabaseUrl {
  readonly #url: URL;
  readonly #text: string;

  private constructor(text: string, url: URL) {
    this.#text = text;
    this.#url = url;
  }

  /** Reads a URL and says what is wrong with it. */
  static read(text: string): DatabaseUrlResult {
    if (!/^postgres(?:ql)?:\/\//.test(text))
      return { ok: false, problem: 'does not start with postgresql://' };
    const url = URL.parse(text) ?? URL.parse(withoutHost(text));
    const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
    if (!url || authority.split('@').length > 2) {
      return {
        ok: false,
        problem: 'is not a URL; special characters in its password must be percent-encoded',
      };
    }
    if (!isPercentEncoded(url)) return { ok: false, problem: 'has a "%" that starts no percent-encoding' };
    return { ok: true, url: new DatabaseUrl(text, url) };
  }

  /** @throws UserError that says what is wrong and holds nothing of the URL. */
  static parse(text: string): DatabaseUrl {
    const found = DatabaseUrl.read(text);
    if (found.ok) return found.url;
    throw new UserError(
      `the database URL ${found.problem}: expected postgresql://user:password@host:port/database`,
      {
        hint: 'Percent-encode special characters of the password: @ is %40, / is %2F, # is %23, % is %25.',
      },
    );
  }

  /** A name, an address, or the folder of a socket; undefined when the URL names none and the default is meant. */
  get host(): string | undefined {
    const named = this.#url.hostname === hostless ? '' : this.#url.hostname.replace(/^\[(.+)\]$/, '$1');
    return this.parameter('host') ?? present(decodeURIComponent(named));
  }

  get port(): number {
    return Number(this.parameter('port') ?? present(this.#url.port) ?? defaultPort);
  }

  /** Undefined when the URL names none. */
  get user(): string | undefined {
    return this.parameter('user') ?? present(decodeURIComponent(this.#url.username));
  }

  /** Undefined when the URL names none; drivers then take the name of the user. */
  get database(): string | undefined {
    return present(decodeURIComponent(this.#url.pathname.replace(/^\//, '')));
  }

  get sslmode(): string | undefined {
    return this.parameter('sslmode');
  }

  get hasPassword(): boolean {
    return this.#password !== undefined;
  }

  /** A parameter of the query, e.g. `options`; undefined when it is absent or empty. */
  parameter(name: string): string | undefined {
    return present(this.#url.searchParams.get(name) ?? '');
  }

  /** The same server, login and parameters, another database. */
  withDatabase(name: string): DatabaseUrl {
    const text = this.#text.replace(
      /^([^:]+:\/\/[^/?#]*)(?:\/[^?#]*)?/,
      (_all, server: string) => `${server}/${encodeURIComponent(name)}`,
    );
    return DatabaseUrl.parse(text);
  }

  /**
   * How programs on libpq reach the database without any of it in their arguments, which every user of the machine may
   * read. All of libpq's address is set, so that PG… variables of the step are overruled.
   * @param connectedTo What a driver connected to by this URL, where it has filled in its own defaults.
   */
  libpqEnvironment(connectedTo: Partial<DatabaseAddress> = {}): Record<string, string> {
    const parameters = libpqVariables.map(
      ([parameter, variable]) => [variable, this.parameter(parameter) ?? ''] as const,
    );
    const values = Object.fromEntries(parameters.filter(([, value]) => value !== ''));
    // What the driver calls no-verify is all that libpq means by require.
    if (values.PGSSLMODE === 'no-verify') values.PGSSLMODE = 'require';
    return {
      ...values,
      PGHOST: connectedTo.host ?? this.host ?? '',
      PGHOSTADDR: '',
      PGPORT: String(connectedTo.port ?? this.port),
      PGUSER: connectedTo.user ?? this.user ?? '',
      PGPASSWORD: connectedTo.password ?? this.#password ?? '',
      PGDATABASE: connectedTo.database ?? this.database ?? '',
    };
  }

  /** The text of the URL, password included: for the driver, for a child's environment and for the redactor. */
  reveal(): string {
    return this.#text;
  }

  /** For messages: without the password and the parameters. */
  toString(): string {
    const user = this.user === undefined ? '' : `${this.user}@`;
    return `postgresql://${user}${this.host ?? ''}:${this.port}/${this.database ?? ''}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  get #password(): string | undefined {
    return this.parameter('password') ?? present(decodeURIComponent(this.#url.password));
  }
}

/** Stands for the host of `postgresql://user@/database`, which a URL may not leave out after a user. */
const hostless = '___hostless___';

function withoutHost(text: string): string {
  return text.replace(/^([^:]+:\/\/[^/?#]*@)(?=[/?#]|$)/, `$1${hostless}`);
}

function isPercentEncoded(url: URL): boolean {
  try {
    decodeURIComponent(`${url.username}${url.password}${url.hostname}${url.pathname}`);
    return true;
  } catch {
    return false;
  }
}

function present(value: string): string | undefined {
  return value === '' ? undefined : value;
}
