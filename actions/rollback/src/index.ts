import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { rollback } from './rollback.ts';

await runAction(rollback, render);
