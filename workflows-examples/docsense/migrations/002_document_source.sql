-- Expand: a column with a constant default. It rewrites no row, and code that never heard of it keeps working: during
-- the rollout old and new containers share this table, and after a rollback the old ones stay on it.
ALTER TABLE documents ADD COLUMN source text NOT NULL DEFAULT 'upload';
