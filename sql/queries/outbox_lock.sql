-- One process at a time makes messages and takes them: what it reads next is as the last one left it.
SELECT pg_advisory_xact_lock(hashtextextended('taizhang outbox', 0))
