-- The departments as JSON: [7,12].
ALTER TABLE member ADD COLUMN departments TEXT;
