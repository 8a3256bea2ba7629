import type { Postgres, Role } from '@slipway/test-services';
import { type Fault, first, holds, refused, traced, wentWell } from './judge.ts';

/** May log in, and owns nothing in the databases of the tools. */
export const guest: Role = { user: 'guest', password: 'guest' };

const missingPrivilege = (postgres: Postgres): Fault => ({
  title: 'missing privilege: said so, nothing changed',
  async judge(site) {
    site.write(1, traced(1));
    const end = await site.migrate(postgres.url(site.database, guest));
    return first(refused(end, /permission denied|may not|privilege|must be owner/i, 'cause not named'), () =>
      holds(site, []),
    );
  },
});

const readOnly: Fault = {
  title: 'a server that is read-only: said so, nothing changed',
  async judge(site) {
    site.write(1, traced(1));
    const before = wentWell(await site.migrate(), 'set-up');
    if (before) return before;
    await site.admin.query(`ALTER DATABASE ${site.database} SET default_transaction_read_only = on`);
    site.write(2, traced(2));
    const end = await site.migrate();
    return first(refused(end, /read.only/i, 'cause not named'), () => holds(site, [1]));
  },
};

/** What the server does not allow. */
export const server = (postgres: Postgres): Fault[] => [missingPrivilege(postgres), readOnly];
