-- The batch's time, taken once the locks are held, and the business day.
SELECT to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), CURRENT_DATE
