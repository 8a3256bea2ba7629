import { render } from '@slipway/report';
import { runAction } from '@slipway/runner';
import { preflightChecklist } from './preflight-checklist.ts';

await runAction(preflightChecklist, render);
