import { runAction } from '@slipway/runner';
import { rollout } from './rollout.ts';

await runAction(rollout, () => import('@slipway/report'));
