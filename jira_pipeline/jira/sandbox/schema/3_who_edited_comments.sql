ALTER TABLE comment ADD COLUMN update_author_id TEXT;
