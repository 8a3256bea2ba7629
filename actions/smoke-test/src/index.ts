import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { smokeTest } from './smoke-test.ts';

await runAction(smokeTest, render);
