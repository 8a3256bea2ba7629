import type { ConnectedTo } from './session.ts';

/** TLS settings of the URL and the variables by which libpq takes them. */
const settings: [parameter: string, variable: string][] = [
  ['sslmode', 'PGSSLMODE'],
  ['sslrootcert', 'PGSSLROOTCERT'],
  ['sslcert', 'PGSSLCERT'],
  ['sslkey', 'PGSSLKEY'],
];

/**
 * How the programs of PostgreSQL reach the database that we are connected to, without a word of it in their
 * arguments, which every user of the machine may read. The step's own PG… variables are overruled. Pure.
 */
export function connectionEnvironment(to: ConnectedTo, url: string): Record<string, string> {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
  const tls = settings.map(([parameter, variable]) => [variable, query.get(parameter) ?? ''] as const);
  const values = Object.fromEntries(tls.filter(([, value]) => value !== ''));
  // What the driver calls no-verify is all that libpq means by require.
  if (values.PGSSLMODE === 'no-verify') values.PGSSLMODE = 'require';
  return {
    ...values,
    PGHOST: to.host,
    PGHOSTADDR: '',
    PGPORT: String(to.port),
    PGUSER: to.user,
    PGPASSWORD: to.password,
    PGDATABASE: to.database,
    PGAPPNAME: 'slipway backup',
    // Messages are looked at for what they mean.
    LC_MESSAGES: 'C',
  };
}
