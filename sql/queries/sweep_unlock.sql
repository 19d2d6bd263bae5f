-- Let others sweep.
SELECT pg_advisory_unlock(8470, 7)
