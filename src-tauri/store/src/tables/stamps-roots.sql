ALTER TABLE stamps ADD COLUMN roots BLOB; -- sealed PEM: the roots that the stamp was proven by
