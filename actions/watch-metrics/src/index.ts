import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { watchMetrics } from './watch-metrics.ts';

await runAction(watchMetrics, render);
