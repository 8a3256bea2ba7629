import { type Client, escapeIdentifier, escapeLiteral } from 'pg';

/**
 * Copies what a dump of the contents leaves out: owner, privileges, connection limit, settings and comment. Runs in the
 * caller's transaction, so that they apply from the first moment.
 */
export async function copyProperties(client: Client, from: string, to: string): Promise<void> {
  const target = escapeIdentifier(to);
  const { rows } = await client.query(
    `SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS limit, d.datacl IS NOT NULL AS granted,
       shobj_description(d.oid, 'pg_database') AS comment, d.oid
     FROM pg_database d WHERE d.datname = $1`,
    [from],
  );
  const found = rows[0];
  await client.query(`ALTER DATABASE ${target} OWNER TO ${escapeIdentifier(found.owner)}`);
  await client.query(`ALTER DATABASE ${target} CONNECTION LIMIT ${Number(found.limit)}`);
  const comment = found.comment === null ? 'NULL' : escapeLiteral(found.comment);
  await client.query(`COMMENT ON DATABASE ${target} IS ${comment}`);
  if (found.granted) await copyGrants(client, from, target);
  await copySettings(client, found.oid, target);
}

async function copyGrants(client: Client, from: string, target: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT a.privilege_type AS privilege, a.is_grantable AS grantable,
       CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
     FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1`,
    [from],
  );
  await client.query(`REVOKE ALL ON DATABASE ${target} FROM PUBLIC`);
  for (const { privilege, grantable, grantee } of rows) {
    const option = grantable ? ' WITH GRANT OPTION' : '';
    await client.query(`GRANT ${privilege} ON DATABASE ${target} TO ${grantee}${option}`);
  }
}

/** With `FROM CURRENT` the server quotes values that are lists of names. */
async function copySettings(client: Client, oid: number, target: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT CASE WHEN s.setrole = 0 THEN '' ELSE quote_ident(pg_get_userbyid(s.setrole)) END AS role,
       split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
     FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = $1`,
    [oid],
  );
  for (const { role, name, value } of rows) {
    await client.query('SELECT set_config($1, $2, true)', [name, value]);
    const whose = role === '' ? `DATABASE ${target}` : `ROLE ${role} IN DATABASE ${target}`;
    await client.query(`ALTER ${whose} SET ${name.split('.').map(escapeIdentifier).join('.')} FROM CURRENT`);
  }
}
