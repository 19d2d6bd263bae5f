-- Placeholder so that 0007 has its number: branch merkle brings this migration. Take theirs.
SELECT 6;
