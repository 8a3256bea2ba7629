import { runAction } from '@slipway/runner';
import { smokeTest } from './smoke-test.ts';

await runAction(smokeTest, () => import('@slipway/report'));
