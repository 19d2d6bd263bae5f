-- Take the system's log: its last sequence, and the time of what comes next.
SELECT event_seq, to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM')
FROM store_head WHERE store_id = 0
FOR UPDATE
