-- Forget the plans of this connection, the triggers' too: each is made anew for tables as they are.
DISCARD PLANS
