import { runAction } from '@slipway/runner';
import { rollback } from './rollback.ts';

await runAction(rollback, () => import('@slipway/report'));
