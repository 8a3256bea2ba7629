// One HTTP service that says which version answers. FAULT is what is wrong with the version.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const version = process.env.APP_VERSION ?? 'dev';
const fault = readFileSync(new URL('FAULT', import.meta.url), 'utf8').trim();
const startedAt = Date.now() / 1000;
const own = ['/version', '/health', '/check', '/metrics'];
const counts = { good: 0, bad: 0 };

const isBad = (path) => (path === '/check' ? fault === 'smoke' : fault === 'watch' && !own.includes(path));

const metrics = () => {
  const all = counts.good + counts.bad;
  return `# TYPE http_requests_total counter
http_requests_total{status="200"} ${counts.good}
http_requests_total{status="500"} ${counts.bad}
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="1"} ${all}
http_request_duration_seconds_bucket{le="+Inf"} ${all}
http_request_duration_seconds_count ${all}
process_start_time_seconds ${startedAt}
`;
};

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url === '/metrics') return response.end(metrics());
    const bad = isBad(request.url);
    if (!own.includes(request.url)) counts[bad ? 'bad' : 'good'] += 1;
    response.writeHead(bad ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ version, status: 'healthy' }));
  });
});
server.listen(3000);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
