-- Places form a tree that does not move; stores stay where they are.
SELECT plan(22);

INSERT INTO place (code, parent_id, kind, name_zh, name_en)
SELECT 'street', place_id, 'street', '街', 'Street' FROM place WHERE code = 'town';
INSERT INTO place (code, parent_id, kind, name_zh, name_en)
SELECT 'block', place_id, 'community', '社区', 'Block' FROM place WHERE code = 'street';
INSERT INTO place (code, parent_id, kind, name_zh, name_en)
SELECT 'team', place_id, 'group', '组', 'Team' FROM place WHERE code = 'block';

CREATE FUNCTION place_below(parent text, child_kind text)
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'INSERT INTO place (code, parent_id, kind, name_zh, name_en)
     SELECT ''new'', place_id, %L, ''新'', ''New'' FROM place WHERE code = %L', child_kind, parent)
$$;

SELECT is(
    (SELECT path FROM place WHERE code = 'team'),
    (SELECT array_agg(place_id ORDER BY array_position(ARRAY['town', 'street', 'block', 'team'], code))
     FROM place),
    'the path leads from the root down to the place');
SELECT accepted(place_below('block', 'grid'), 'a grid lies below a community');
SELECT accepted(place_below('town', 'community'), 'a level may be left out');
SELECT accepted(place_below('street', 'group'), 'a group lies below a street');
SELECT refused(place_below('block', 'street'), 'place_kind_order', 'no street below a community');
SELECT refused(place_below('block', 'community'), 'place_kind_order', 'no community below another');
SELECT refused(place_below('team', 'group'), 'place_kind_order', 'nothing below a group');
SELECT refused(
    $$INSERT INTO place (code, kind, name_zh, name_en) VALUES ('town', 'district', '镇', 'Town')$$,
    'place_code_key', 'a code names one place');
SELECT refused(
    format('INSERT INTO place (code, kind, name_zh, name_en) VALUES (%L, ''district'', ''镇'', ''T'')', code),
    'place_code_check', format('%L is no code', code))
FROM unnest(ARRAY['', '-a', 'a b', '镇', repeat('a', 33)]) AS code;
SELECT refused($$UPDATE place SET code = 'other' WHERE code = 'town'$$, 'place_identity',
    'a code stays');
SELECT refused(
    $$UPDATE place SET parent_id = (SELECT place_id FROM place WHERE code = 'town') WHERE code = 'team'$$,
    'place_identity', 'a place does not move');
SELECT refused($$UPDATE place SET kind = 'grid' WHERE code = 'team'$$, 'place_identity',
    'a kind stays');
SELECT accepted($$UPDATE place SET name_zh = '新镇', readiness = 'emergency' WHERE code = 'town'$$,
    'names and readiness change');
SELECT refused($$DELETE FROM place WHERE code = 'town'$$, 'place_parent_id_fkey',
    'a place with others below it stays');

SELECT refused($$UPDATE store SET code = 'T'$$, 'store_identity', 'a store keeps its code');
SELECT refused($$UPDATE store SET place_id = (SELECT place_id FROM place WHERE code = 'team')$$,
    'store_identity', 'a store keeps its place');
SELECT accepted($$UPDATE store SET name_en = 'Other'$$, 'a store is renamed');
SELECT refused(
    $$INSERT INTO store (code, place_id, name_zh, name_en) VALUES ('s-1', 1, '库', 'Store')$$,
    'store_code_check', 'a store code begins slip numbers: no dash, no lower case');

SELECT * FROM finish();
