import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type BackupKeys,
  backUp,
  previewRestore,
  type RestoreOptions,
  restoreDatabase,
} from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { awkward, backupKeys, backupOptions, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { databaseEach, type OwnDatabase, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let folder: string;
let name: string;
let url: string;
let connect: OwnDatabase['connect'];
let superuser: pg.Client;

databaseEach(
  (own) => {
    ({ postgres, name, url, connect } = own);
  },
  { owner: awkward },
);
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  await postgres.allowCreateDatabase(awkward.user);
  await withClient(url, (client) => client.query('CREATE TABLE t AS SELECT 1 AS id'));
  superuser = await connect(postgres.url('postgres'));
});

const made = (keys: BackupKeys | null = null) => backupOptions({ postgres, url, to: folder }, { keys });

const ways: [string, (given: RestoreOptions) => Promise<unknown>, string][] = [
  ['a dry run', previewRestore, ''],
  ['a restore without confirmation', restoreDatabase, ''],
  ['a restore', restoreDatabase, 'confirmed'],
];

describe.each(ways)('%s is refused before anything is made', (_title, run, confirmed) => {
  const refusal = async (): Promise<unknown> => {
    const given = restoreOptions(made(), { confirm: confirmed && name });
    const error = await run(given).catch((thrown: unknown) => thrown);
    expect(given.log.lines).toEqual([]);
    return error;
  };

  test('without the key of its backup', async () => {
    await backUp(made(backupKeys));
    expect(await refusal()).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /^the backup .*\.dump\.zst\.age is encrypted, and no identity is configured$/,
      ),
    });
  });

  test('when the user does not own the database', async () => {
    await backUp(made());
    await superuser.query(`ALTER DATABASE ${pg.escapeIdentifier(name)} OWNER TO postgres`);
    const user = pg.escapeIdentifier(awkward.user);
    expect(await refusal()).toMatchObject({
      name: 'UserError',
      message: `the database user does not own the database "${name}", and cannot replace it`,
      hint: expect.stringContaining(`ALTER DATABASE ${name} OWNER TO ${user}`),
    });
    // To be in the role that owns it is as good.
    const owner = pg.escapeIdentifier(`owner of ${name}`);
    await superuser.query(`CREATE ROLE ${owner}; GRANT ${owner} TO ${user};
      ALTER DATABASE ${pg.escapeIdentifier(name)} OWNER TO ${owner}`);
    await run(restoreOptions(made(), { confirm: confirmed && name }));
  });
});
