import { registerHooks } from 'node:module';

/** The official packages import JSON without an import attribute, which plain Node refuses. Under Jest this is idle. */
let registered = false;

export function allowJsonImports(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith('.json')) return next(url, context);
      return next(url, { ...context, format: 'json', importAttributes: { type: 'json' } });
    },
  });
}
