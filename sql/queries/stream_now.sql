-- PostgreSQL's time, in microseconds of 1970: events carry no other.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
