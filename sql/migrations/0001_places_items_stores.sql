-- Master data: where supplies are kept, and what is kept.

CREATE TYPE place_kind AS ENUM ('district', 'street', 'community', 'grid', 'group');
CREATE TYPE readiness AS ENUM ('normal', 'emergency');
CREATE TYPE item_category AS ENUM ('protection', 'testing', 'disinfection', 'isolation');

CREATE TABLE place (
    place_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code      text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
    parent_id integer REFERENCES place,
    path      integer[] NOT NULL,  -- ids from the root down to the place itself
    kind      place_kind NOT NULL,
    name_zh   text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 100),
    name_en   text NOT NULL CHECK (length(name_en) BETWEEN 1 AND 100),
    readiness readiness NOT NULL DEFAULT 'normal',
    CHECK (path[cardinality(path)] = place_id)
);

CREATE INDEX place_path ON place USING gin (path);

-- The path follows from the parent, so nobody has to (or can) give it.
CREATE FUNCTION place_set_path() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    above place;
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.path := ARRAY[NEW.place_id];
        RETURN NEW;
    END IF;
    SELECT * INTO above FROM place WHERE place_id = NEW.parent_id;
    IF above.kind >= NEW.kind OR above.kind IN ('grid', 'group') THEN
        RAISE EXCEPTION 'a % cannot lie below a %', NEW.kind, above.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'place_kind_order', TABLE = 'place';
    END IF;
    NEW.path := above.path || NEW.place_id;
    RETURN NEW;
END $$;

CREATE TRIGGER place_set_path BEFORE INSERT ON place
FOR EACH ROW EXECUTE FUNCTION place_set_path();

-- Codes stand in slips and logs, and the tree decides who may see what: neither moves.
CREATE FUNCTION place_keep_identity() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'code, parent and kind of place % cannot be changed', OLD.code
        USING ERRCODE = 'check_violation', CONSTRAINT = 'place_identity', TABLE = 'place';
END $$;

CREATE TRIGGER place_keep_identity BEFORE UPDATE ON place
FOR EACH ROW WHEN (
    (OLD.code, OLD.parent_id, OLD.path, OLD.kind)
    IS DISTINCT FROM (NEW.code, NEW.parent_id, NEW.path, NEW.kind)
) EXECUTE FUNCTION place_keep_identity();

CREATE TABLE item (
    item_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    category item_category NOT NULL,
    name_zh  text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 100),
    name_en  text NOT NULL CHECK (length(name_en) BETWEEN 1 AND 100),
    unit     text NOT NULL CHECK (length(unit) BETWEEN 1 AND 16),  -- the base unit: 只, 双, 件, 瓶
    unit_en  text NOT NULL CHECK (length(unit_en) BETWEEN 1 AND 16),
    standing boolean NOT NULL DEFAULT false,  -- every new store opens a ledger for it
    CHECK (name_zh = btrim(name_zh) AND name_en = btrim(name_en))
);

-- How many base units a 盒 or 箱 of an item holds.
CREATE TABLE pack (
    item_id  integer NOT NULL REFERENCES item,
    name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 16),
    quantity bigint NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
    PRIMARY KEY (item_id, name)
);

CREATE TABLE store (
    store_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code      text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{1,16}$'),  -- begins every slip number
    place_id  integer NOT NULL REFERENCES place,
    name_zh   text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 100),
    name_en   text NOT NULL CHECK (length(name_en) BETWEEN 1 AND 100),
    opened_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX store_place ON store (place_id);

CREATE FUNCTION store_keep_identity() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'code and place of store % cannot be changed', OLD.code
        USING ERRCODE = 'check_violation', CONSTRAINT = 'store_identity', TABLE = 'store';
END $$;

CREATE TRIGGER store_keep_identity BEFORE UPDATE ON store
FOR EACH ROW WHEN ((OLD.code, OLD.place_id) IS DISTINCT FROM (NEW.code, NEW.place_id))
EXECUTE FUNCTION store_keep_identity();

INSERT INTO item (code, category, name_zh, name_en, unit, unit_en, standing) VALUES
    ('disposable-mask', 'protection', '一次性口罩', 'Disposable mask', '只', 'piece', true),
    ('n95', 'protection', 'N95口罩', 'N95 respirator', '只', 'piece', true),
    ('glove', 'protection', '一次性手套', 'Disposable glove', '双', 'pair', true),
    ('face-shield', 'protection', '面屏', 'Face shield', '只', 'piece', true),
    ('isolation-gown', 'isolation', '一次性隔离衣', 'Isolation gown', '件', 'piece', true),
    ('protective-suit', 'protection', '一次性防护服', 'Protective coverall', '件', 'piece', true),
    ('hand-gel', 'disinfection', '免洗消毒凝胶', 'Hand-rub gel', '瓶', 'bottle', true);

INSERT INTO pack (item_id, name, quantity)
SELECT item_id, pack.name, pack.quantity
FROM (VALUES
    ('disposable-mask', '盒', 50), ('disposable-mask', '箱', 2000),
    ('n95', '盒', 20), ('n95', '箱', 400),
    ('glove', '盒', 50), ('glove', '箱', 1000),
    ('face-shield', '包', 10), ('face-shield', '箱', 200),
    ('isolation-gown', '包', 10), ('isolation-gown', '箱', 100),
    ('protective-suit', '包', 5), ('protective-suit', '箱', 50),
    ('hand-gel', '箱', 24)
) AS pack (code, name, quantity)
JOIN item USING (code);
