-- Opens a transaction that writes.
BEGIN
