-- The seven items, and what an item and its packs may be.
SELECT plan(14);

SELECT results_eq(
    'SELECT code FROM item WHERE standing ORDER BY item_id',
    $$VALUES ('disposable-mask'), ('n95'), ('glove'), ('face-shield'), ('isolation-gown'),
        ('protective-suit'), ('hand-gel')$$,
    'every store opens with the seven ledgers');
SELECT is_empty('SELECT FROM item WHERE item_id NOT IN (SELECT item_id FROM pack)',
    'each of them comes in packs');

CREATE FUNCTION item(code text, category text, name text)
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'INSERT INTO item (code, category, name_zh, name_en, unit, unit_en)
     VALUES (%L, %L, %L, ''Name'', ''只'', ''piece'')', code, category, name)
$$;

SELECT accepted(item('antigen-kit', 'testing', '抗原'), 'an item is added');
SELECT refused(item('n95', 'protection', 'N95'), 'item_code_key', 'a code names one item');
SELECT refused(item(code, 'testing', '抗原'), 'item_code_check', format('%L is no code', code))
FROM unnest(ARRAY['', 'N95', '-n', 'n 95', repeat('n', 65)]) AS code;
SELECT refused(item('gloves', 'food', '手套'), '22P02', 'a category is one of four');
SELECT refused(item('gloves', 'testing', ' 手套'), 'item_check', 'no blanks around a name');
SELECT refused(item('gloves', 'testing', ''), 'item_name_zh_check', 'a name is not empty');
SELECT refused($$INSERT INTO pack VALUES (1, '捆', 0)$$, 'pack_quantity_check',
    'a pack holds at least one');
SELECT refused($$INSERT INTO pack VALUES (1, '盒', 5)$$, 'pack_pkey', 'an item has one pack of a name');

SELECT * FROM finish();
