// The workload of the cluster tests: serves, and fails in the way that the variable MODE names.
import { createServer } from 'node:http';

const { MODE = 'good', VERSION = '1', CRASHES = '0', SECONDS = '25' } = process.env;
const start = Date.now();
const age = () => (Date.now() - start) / 1000;

const modes = {
  crash() {
    console.error('Configuration validation failed: DB_URL must be set');
    console.error('connecting with password=hunter2secret to postgres://app:s3cr3t-pw@db:5432/app');
    process.exit(1);
  },
  memory() {
    const held = [];
    setInterval(() => held.push(Buffer.alloc(16 * 1024 * 1024, held.length + 1)), 20);
  },
};

// How many runs crash before one stays up is counted in a file of a volume that survives the container.
async function crashedBefore() {
  const { readFileSync, writeFileSync } = await import('node:fs');
  let count = 0;
  try {
    count = Number(readFileSync('/state/count', 'utf8'));
  } catch {}
  writeFileSync('/state/count', String(count + 1));
  return count;
}
if (Number(CRASHES) > 0 && (await crashedBefore()) < Number(CRASHES)) {
  console.error('not yet: a dependency is not there');
  process.exit(1);
}
modes[MODE]?.();

const statusOf = {
  '/ready': () => (MODE === 'never-ready' ? 503 : MODE === 'slow' && age() < Number(SECONDS) ? 503 : 200),
  // Fine at first, so that it is ready and replaces the old version, then gone.
  '/live': () => (MODE === 'liveness' ? 500 : 200),
};

const server = createServer((request, response) => {
  response.statusCode = statusOf[request.url]?.() ?? 200;
  response.setHeader('connection', 'close');
  response.end(`${VERSION}\n`);
});
server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
