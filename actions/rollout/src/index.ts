import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { rollout } from './rollout.ts';

await runAction(rollout, render);
