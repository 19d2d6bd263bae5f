-- What an ordinary program would keep, for pgbench: seven hot balances, slips and entries.
CREATE TABLE balance (
    item    integer PRIMARY KEY,
    on_hand bigint NOT NULL CHECK (on_hand >= 0),
    seq     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE slip (
    slip          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    reason        text NOT NULL,
    business_date date NOT NULL DEFAULT CURRENT_DATE,
    posted_at     timestamptz NOT NULL DEFAULT now(),
    counterparty  text NOT NULL,
    receiver      text NOT NULL,
    handler       text NOT NULL,
    document      text NOT NULL
);

CREATE TABLE entry (
    item          integer NOT NULL REFERENCES balance,
    seq           bigint NOT NULL,
    slip          bigint NOT NULL REFERENCES slip,
    quantity      bigint NOT NULL,
    balance_after bigint NOT NULL,
    PRIMARY KEY (item, seq)
);

INSERT INTO balance (item, on_hand) SELECT item, 1000000000 FROM generate_series(1, 7) AS item;
