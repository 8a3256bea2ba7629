-- The event store: what happened, in order, forever. Idempotent: it is applied before every deployment.

CREATE TABLE IF NOT EXISTS events (
  position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id    text        NOT NULL UNIQUE,          -- given by the client (Idempotency-Key): a retry appends nothing
  stream_id   text        NOT NULL,                 -- the document
  type        text        NOT NULL,
  data        jsonb       NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);

-- How far each projection has read. Its row is also the lock that lets one projector work at a time.
CREATE TABLE IF NOT EXISTS projection_checkpoints (
  projection text        PRIMARY KEY,
  position   bigint      NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);
