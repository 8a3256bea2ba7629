-- Fails where a title has a digit in it, which only the data of production shows. Copy both files into migrations/ to see
-- the rehearsal catch it on the restored backup, before production is touched.
ALTER TABLE documents VALIDATE CONSTRAINT documents_title_words;
