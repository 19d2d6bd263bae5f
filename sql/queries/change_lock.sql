-- Take the system's log: its last sequence, the time of what comes next, and its tree.
SELECT event_seq, to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), frontier
FROM store_head WHERE store_id = 0
FOR UPDATE
