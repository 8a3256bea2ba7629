import { runAction } from '@slipway/runner';
import { preflightChecklist } from './preflight-checklist.ts';

await runAction(preflightChecklist, () => import('@slipway/report'));
