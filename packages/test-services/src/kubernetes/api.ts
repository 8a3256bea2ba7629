import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Certificates } from './certificates.ts';

/**
 * Asks the API server with administrator rights; with a body, that is posted.
 * @throws Error when it does not answer with success.
 */
export type AskApi = (path: string, body?: object) => Promise<unknown>;

/** Short looks at a cluster that is starting, without a kubectl for each. */
export function createAsk(server: string, certificates: Certificates): AskApi {
  const trust = {
    ca: readFileSync(certificates.ca),
    cert: readFileSync(certificates.admin.cert),
    key: readFileSync(certificates.admin.key),
    agent: false as const,
    timeout: 5000,
  };
  return (path, body) =>
    new Promise((resolve, reject) => {
      const sent = body && JSON.stringify(body);
      const how = { method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json' } };
      const asked = request(`${server}${path}`, { ...trust, ...how }, async (reply) => {
        try {
          const text = Buffer.concat(await reply.toArray()).toString('utf8');
          const { statusCode = 0 } = reply;
          if (statusCode < 200 || statusCode > 299) throw new Error(`${path}: ${statusCode} ${text}`);
          resolve(/^[{[]/.test(text) ? JSON.parse(text) : text);
        } catch (error) {
          reject(error);
        }
      });
      asked.on('timeout', () => asked.destroy(new Error(`${path}: no answer`))).on('error', reject);
      asked.end(sent);
    });
}
