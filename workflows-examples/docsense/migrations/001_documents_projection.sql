-- The read model that GET /documents answers from, and the place where its projection starts reading.
CREATE TABLE documents (
  id         text        PRIMARY KEY,
  title      text        NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  position   bigint      NOT NULL
);

CREATE INDEX documents_newest_first ON documents (position DESC);

INSERT INTO projection_checkpoints (projection, position) VALUES ('documents', 0)
  ON CONFLICT (projection) DO NOTHING;
