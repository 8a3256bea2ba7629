import { runAction } from '@slipway/runner';
import { buildPush } from './build-push.ts';

await runAction(buildPush, () => import('@slipway/report'));
