-- Undo a refused change.
ROLLBACK
