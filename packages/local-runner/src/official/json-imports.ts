import { registerHooks } from 'node:module';

/**
 * GitHub's language packages import JSON files without the attribute that Node demands. Importing this module first
 * (or `node --import @slipway/local-runner/json-imports`) adds the attribute while they load. Jest reads JSON on
 * its own and refuses such hooks.
 */
if (process.env.JEST_WORKER_ID === undefined) {
  registerHooks({
    load(url, context, next) {
      if (!/\/node_modules\/@actions\/[^?]*\.json$/.test(url)) return next(url, context);
      return next(url, { ...context, format: 'json', importAttributes: { type: 'json' } });
    },
  });
}
