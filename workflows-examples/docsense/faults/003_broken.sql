-- A migration that fails half way: the first statement works, the second names a column that is not there.
-- Copy it into migrations/ to see that nothing of it stays behind.
ALTER TABLE documents ADD COLUMN language text NOT NULL DEFAULT 'en';

UPDATE documents SET language = detected_language;
