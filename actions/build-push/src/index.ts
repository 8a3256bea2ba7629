import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { buildPush } from './build-push.ts';

await runAction(buildPush, render);
