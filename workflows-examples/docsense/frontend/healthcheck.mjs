// Docker runs this inside the container. What it prints becomes the reason in `docker inspect`.
import { get } from 'node:http';

const request = get(`http://127.0.0.1:${process.env.PORT || 3000}/health`, { timeout: 1_500 }, (response) => {
  response.setEncoding('utf8');
  let body = '';
  response.on('data', (chunk) => {
    body += chunk;
  });
  response.on('end', () => finish(response.statusCode === 200 ? 0 : 1, `${response.statusCode} ${body}`));
});
request.on('timeout', () => finish(1, 'no answer within 1.5 s'));
request.on('error', (error) => finish(1, error.message));

/**
 * @param {0 | 1} code
 * @param {string} reason
 */
function finish(code, reason) {
  process.stdout.write(`${reason}\n`, () => process.exit(code));
}
