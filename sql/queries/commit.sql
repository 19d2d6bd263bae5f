-- Makes it durable.
COMMIT
