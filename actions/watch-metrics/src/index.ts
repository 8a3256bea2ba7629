import { runAction } from '@slipway/runner';
import { watchMetrics } from './watch-metrics.ts';

await runAction(watchMetrics, () => import('@slipway/report'));
