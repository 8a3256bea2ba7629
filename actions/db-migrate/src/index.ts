import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { dbMigrate } from './db-migrate.ts';

await runAction(dbMigrate, render);
