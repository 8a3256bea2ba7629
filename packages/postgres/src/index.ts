export { diffSchemas, readSchemaSnapshot, type SchemaSnapshot } from './catalog/schema-snapshot.ts';
export {
  closeConnection,
  connect,
  cutConnection,
  type ServerVersion,
  serverVersion,
} from './connection/connect.ts';
export { connectionError } from './connection/connection-error.ts';
export { connectionEnvironment } from './connection/libpq.ts';
export { asDatabaseError, causeOf, describeLost, isConnectionLost } from './connection/lost.ts';
export { probeDatabase } from './connection/probe.ts';
export { quoteIdentifier, quoteLiteral, schemaOf, withoutValues } from './connection/quoting.ts';
export { connectFor } from './connection/run-connections.ts';
export { createRunLock, isWorking, keepalives, workingSession, workKey } from './connection/run-lock.ts';
export { type ConnectedTo, type MigrationSession, openSession } from './connection/session.ts';
