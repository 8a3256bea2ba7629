import { findDocument, listDocuments } from './documents.js';
import { appendDocument } from './event-store.js';
import { HttpError } from './http-server.js';

const ID = /^[\w-]{1,64}$/;
const EVENT_ID = /^[\x21-\x7e]{1,200}$/;
const TITLE_LENGTH = 500;
const LIST_LIMIT = 200;

/**
 * The API proper. A document that was just posted is readable when its projection has seen the event, usually within
 * a tenth of a second.
 *
 * @param {{pool: import('pg').Pool, fault: import('./fault.js').Fault}} parts
 * @returns {import('./http-server.js').Route[]}
 */
export function documentRoutes({ pool, fault }) {
  return [
    {
      method: 'POST',
      path: '/documents',
      counted: true,
      async handle({ headers, json }) {
        const { id, title } = readDocument(await json());
        const eventId = readEventId(headers['idempotency-key']);
        await fault.beforeDocuments();
        const { event, appended } = await appendDocument(pool, { eventId, documentId: id, title });
        if (!appended && (event.data.title !== title || (id !== undefined && event.stream_id !== id))) {
          throw new HttpError(422, 'this Idempotency-Key was used for another document');
        }
        return {
          status: appended ? 201 : 200,
          headers: { Location: `/documents/${event.stream_id}` },
          body: { id: event.stream_id, title, event_id: event.event_id, position: Number(event.position) },
        };
      },
    },
    {
      method: 'GET',
      path: '/documents',
      counted: true,
      async handle({ query }) {
        const limit = query.get('limit') ?? '50';
        if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > LIST_LIMIT) {
          throw new HttpError(400, `limit must be a number from 1 to ${LIST_LIMIT}`);
        }
        await fault.beforeDocuments();
        return { status: 200, body: { documents: await listDocuments(pool, Number(limit)) } };
      },
    },
    {
      method: 'GET',
      path: '/documents/:id',
      counted: true,
      async handle({ params }) {
        await fault.beforeDocuments();
        const document = await findDocument(pool, params.id ?? '');
        if (!document) throw new HttpError(404, 'no such document');
        return { status: 200, body: document };
      },
    },
  ];
}

/**
 * @param {unknown} body
 * @returns {{id: string | undefined, title: string}}
 */
function readDocument(body) {
  if (typeof body !== 'object' || body === null) throw new HttpError(400, 'body must be a JSON object');
  const { id, title } = /** @type {Record<string, unknown>} */ (body);
  if (id !== undefined && (typeof id !== 'string' || !ID.test(id))) {
    throw new HttpError(400, 'id must be 1 to 64 letters, digits, "_" or "-"');
  }
  // PostgreSQL's jsonb cannot hold a NUL character.
  if (
    typeof title !== 'string' ||
    title.trim() === '' ||
    title.length > TITLE_LENGTH ||
    title.includes('\0')
  ) {
    throw new HttpError(400, `title must be a text of 1 to ${TITLE_LENGTH} characters`);
  }
  return { id, title };
}

/**
 * @param {string | string[] | undefined} header
 * @returns {string | undefined}
 */
function readEventId(header) {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !EVENT_ID.test(header)) {
    throw new HttpError(400, 'Idempotency-Key must be 1 to 200 printable ASCII characters');
  }
  return header;
}
