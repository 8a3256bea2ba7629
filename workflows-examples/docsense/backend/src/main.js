import { hostname } from 'node:os';
import { readConfiguration } from './configuration.js';
import { createPool } from './database.js';
import { documentRoutes } from './document-routes.js';
import { applyToDocuments } from './documents.js';
import { Fault } from './fault.js';
import { createServer } from './http-server.js';
import { createInstruments } from './instruments.js';
import { createLog } from './log.js';
import { operationRoutes } from './operation-routes.js';
import { Projector, recordProjectionFailure } from './projector.js';
import { shutDownOnSignal } from './shutdown.js';

const fault = Fault.read(new URL('../FAULT', import.meta.url));
const { configuration, problems } = readConfiguration(process.env);
if (fault.is('crash')) problems.push('VECTOR_INDEX_URL must be set');
if (problems.length > 0) {
  // Plain text: the format of the log is itself part of the configuration that is wrong.
  for (const problem of problems)
    process.stderr.write(`Error: Configuration validation failed: ${problem}\n`);
  process.exit(1);
}

const instance = hostname();
const version = fault.is('wrong-version') ? '0.0.0' : configuration.version;
const log = createLog(configuration, { service: 'docsense-backend', version, instance });
const pool = createPool(configuration, log);
const instruments = createInstruments({ instance, version, pool });
const onFailure = () => instruments.projectionFailures.increment({ projection: 'documents' });
const projector = new Projector({ name: 'documents', pool, log, apply: applyToDocuments, onFailure });
instruments.watchProjectionLag(() => projector.lag);

const server = createServer({
  routes: [
    ...documentRoutes({ pool, fault }),
    ...operationRoutes({
      configuration,
      pool,
      projector,
      instruments,
      fault,
      version,
      isDraining: () => shutdown.isDraining(),
    }),
  ],
  corsOrigins: configuration.corsOrigins,
  instruments,
  log,
});
const shutdown = shutDownOnSignal({ server, projector, pool, log });

projector.start();
if (!fault.is('deaf')) {
  server.listen(configuration.port, () => {
    log.info('listening', { address: server.address(), environment: configuration.environment });
  });
}
if (fault.is('projections')) {
  setTimeout(async () => {
    await recordProjectionFailure(pool, 'documents', '0', new Error('unknown event type DocumentTagged'));
    onFailure();
    log.error('projection failure', { projection: 'documents', error: 'unknown event type DocumentTagged' });
  }, fault.startsAtS * 1_000);
}
