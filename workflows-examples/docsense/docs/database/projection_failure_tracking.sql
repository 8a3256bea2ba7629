-- Events that a projection could not apply. They are skipped, kept here, and replayed by hand:
-- repair the cause, set projection_checkpoints.position back, then set resolved_at. Idempotent.

CREATE TABLE IF NOT EXISTS projection_failures (
  projection     text        NOT NULL,
  event_position bigint      NOT NULL,
  error          text        NOT NULL,
  attempts       integer     NOT NULL DEFAULT 1,
  failed_at      timestamptz NOT NULL DEFAULT now(),
  resolved_at    timestamptz,
  PRIMARY KEY (projection, event_position)
);

CREATE INDEX IF NOT EXISTS projection_failures_unresolved
  ON projection_failures (projection) WHERE resolved_at IS NULL;
