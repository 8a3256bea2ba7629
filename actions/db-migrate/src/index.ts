import { runAction } from '@slipway/runner';
import { dbMigrate } from './db-migrate.ts';

await runAction(dbMigrate, () => import('@slipway/report'));
