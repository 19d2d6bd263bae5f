/*
 * test_import.c - rows of files turned into slips by mappings, without a database: what each row
 * becomes, under which key, and what the answers make of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto.h"
#include "die.h"
#include "import.h"

/* A file, its mapping, and the import of one by the other. */
struct fixture {
	struct mapping *mapping;
	struct csv_table table;
	struct import import;
};

static char error[1024];

static struct mapping *mapping_of(const char *json)
{
	char path[] = "/tmp/import-XXXXXX";
	FILE *out = fdopen(mkstemp(path), "w");
	struct mapping *mapping;

	assert_non_null(out);
	fputs(json, out);
	fclose(out);
	mapping = mapping_load(path, error, sizeof error);
	unlink(path);
	if (!mapping)
		fail_msg("%s", error);
	return mapping;
}

static void open_file(struct fixture *f, struct mapping *mapping, const char *csv)
{
	json_t *packs = json_pack("{s:i, s:i, s:i}", "盒", 50, "箱", 2000, "托", 40000);

	*f = (struct fixture){.mapping = mapping};
	if (!csv_table_parse(&f->table, "t.csv", csv, strlen(csv), error, sizeof error) ||
	    !import_open(&f->import, mapping, &f->table, error, sizeof error))
		fail_msg("%s", error);
	import_add_item(
	    &f->import, "disposable-mask", "一次性口罩", "Disposable mask", "只", "piece", packs);
	import_add_item(&f->import, "glove", "一次性手套", "Disposable glove", "双", "pair", NULL);
	json_decref(packs);
}

static void close_file(struct fixture *f)
{
	import_close(&f->import);
	csv_table_free(&f->table);
	mapping_free(f->mapping);
}

static void plan_file(struct fixture *f, const char *json, const char *csv)
{
	open_file(f, mapping_of(json), csv);
	import_plan(&f->import);
}

/* What became of the row of a line of the file: "ready", or the code of its reason. */
static const char *fate(const struct fixture *f, uint32_t line)
{
	for (uint32_t r = 0; r < f->import.row_count; r++)
		if (import_line(&f->import, &f->import.rows[r]) == line)
			return f->import.rows[r].reason ? f->import.rows[r].reason->code : "ready";
	return "no such row";
}

/* The JSON of a row's slips, one a line, and their keys if wanted. The caller frees. */
static char *slips_of(struct fixture *f, uint32_t r, bool keys)
{
	struct post_command *commands[MAPPING_MAX_SLIPS];
	struct import_slip *slips[MAPPING_MAX_SLIPS];
	int count = import_commands(&f->import, &f->import.rows[r], commands, slips);
	struct buf out = BUF_EMPTY;

	buf_str(&out);
	for (int i = 0; i < count; i++) {
		char *json = json_dumps(commands[i]->slip->json, JSON_COMPACT | JSON_SORT_KEYS);

		buf_printf(&out, "%s\n", keys ? commands[i]->key : json);
		free(json);
		post_command_free(commands[i]);
	}
	buf_str(&out);
	return buf_take(&out, NULL);
}

static void assert_slips(struct fixture *f, uint32_t r, const char *expected)
{
	char *slips = slips_of(f, r, false);

	assert_string_equal(slips, expected);
	free(slips);
}

#define MATCHES                                                                                    \
	"{\"name\":\"m\",\"order\":\"{when}\",\"item\":\"{what}\",\"quantity\":\"{qty}\","         \
	"\"rows\":[{\"on\":\"{status}\",\"is_not\":[\"done\"],"                                    \
	"\"skip\":{\"code\":\"undone\",\"zh\":\"z\",\"en\":\"e\"}}],"                              \
	"\"items\":[{\"is\":[\"mask\",\"mask2\"],\"item\":\"disposable-mask\"},"                   \
	"{\"is\":[\"wipe\"],\"item\":\"wipe\",\"new\":{\"category\":\"disinfection\","             \
	"\"name_zh\":\"湿巾\",\"name_en\":\"Wipe\",\"unit\":\"片\",\"unit_en\":\"piece\"}}],"   \
	"\"slips\":[{\"kind\":\"in\",\"reason\":\"donation\",\"business_date\":\"{when}\","        \
	"\"counterparty\":\"{from}\"},{\"kind\":\"out\",\"reason\":\"issue\","                     \
	"\"business_date\":\"{when}\",\"counterparty\":\"{to}\"}]}"

static void one_row_two_slips(void **state)
{
	struct fixture f;

	(void)state;
	plan_file(&f, MATCHES,
	    "what,qty,when,status,from,to\n"
	    "mask,5,2021-01-05 15:33:25.882 UTC,done,d1,f1\n"
	    "mask2,7,2021-01-05 15:33:25 UTC,done,d2,\n"
	    "mask,9,2020-05-01,open,d3,f3\n"
	    "mask,11,2020-05-01,done,d4,f4\n");
	assert_int_equal(f.import.row_count, 4);
	assert_int_equal(f.import.slip_count, 6);
	assert_string_equal(fate(&f, 4), "undone");
	assert_int_equal(f.import.fates[IMPORT_SKIPPED], 1);
	/* In the order of time, to the millisecond; a skipped row has none. */
	assert_int_equal(import_line(&f.import, &f.import.rows[1]), 5);
	assert_slips(&f, 1,
	    "{\"business_date\":\"2020-05-01\",\"counterparty\":\"d4\",\"kind\":\"in\",\"lines\":"
	    "[{\"item\":\"disposable-mask\",\"quantity\":11}],\"reason\":\"donation\"}\n"
	    "{\"business_date\":\"2020-05-01\",\"counterparty\":\"f4\",\"kind\":\"out\",\"lines\":"
	    "[{\"item\":\"disposable-mask\",\"quantity\":11}],\"reason\":\"issue\"}\n");
	assert_int_equal(import_line(&f.import, &f.import.rows[2]), 3);
	assert_int_equal(import_line(&f.import, &f.import.rows[3]), 2);
	close_file(&f);
}

static void wrong_rows(void **state)
{
	static const struct {
		const char *row, *code;
	} cases[] = {
	    {"mask,5,2021-01-05,done,d,f", "ready"},
	    {"ｍａｓｋ,５,２０２１－０１－０５,done,d,f", "ready"},
	    {",,,,,", "blank_row"},
	    {"mask,5,2021-01-05,open,d,f", "undone"},
	    {",5,2021-01-05,done,d,f", "no_item"},
	    {"radio,5,2021-01-05,done,d,f", "unknown_item"},
	    {"wipe,5,2021-01-05,done,d,f", "item_missing"},
	    {"mask,,2021-01-05,done,d,f", "no_quantity"},
	    {"mask,few,2021-01-05,done,d,f", "unreadable_quantity"},
	    {"mask,1.5,2021-01-05,done,d,f", "fraction"},
	    {"mask,0,2021-01-05,done,d,f", "quantity_not_positive"},
	    {"mask,-1,2021-01-05,done,d,f", "quantity_not_positive"},
	    {"mask,2000000000,2021-01-05,done,d,f", "quantity_too_large"},
	    {"mask,99999999999999999999,2021-01-05,done,d,f", "quantity_too_large"},
	    {"mask,5,,done,d,f", "no_date"},
	    {"mask,5,soon,done,d,f", "unreadable_date"},
	    {"mask,5罐,2021-01-05,done,d,f", "unknown_unit"},
	};
	struct buf csv = BUF_EMPTY;
	struct fixture f;

	(void)state;
	buf_puts(&csv, "what,qty,when,status,from,to\n");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		buf_printf(&csv, "%s\n", cases[i].row);
	plan_file(&f, MATCHES, buf_str(&csv));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (strcmp(fate(&f, (uint32_t)i + 2), cases[i].code) != 0)
			fail_msg("%s: %s", cases[i].row, fate(&f, (uint32_t)i + 2));
	/* Every row that is not ready says why, to people. */
	for (uint32_t r = 0; r < f.import.row_count; r++) {
		const struct import_row *row = &f.import.rows[r];

		if (row->fate == IMPORT_READY)
			continue;
		assert_true(row->reason->zh[0] && row->reason->en[0]);
		assert_null(strstr(row->reason->zh, "{value}"));
		assert_int_equal(row->slip_count, 0);
	}
	close_file(&f);
	buf_free(&csv);
}

/* A text too long for a slip is found by the slip's own rules, and rejects the row whole. */
static void wrong_slips(void **state)
{
	char *csv = xasprintf("what,qty,when,status,from,to\nmask,5,2021-01-05,done,d,%0201d\n", 0);
	struct fixture f;
	char *slips;

	(void)state;
	plan_file(&f, MATCHES, csv);
	slips = slips_of(&f, 0, false);
	assert_string_equal(slips, "");
	assert_string_equal(fate(&f, 2), "too_long");
	assert_non_null(strstr(f.import.rows[0].reason->en, "counterparty"));
	assert_int_equal(f.import.fates[IMPORT_REJECTED], 1);
	free(slips);
	free(csv);
	close_file(&f);
}

static void made_items(void **state)
{
	struct fixture f;
	const struct import_item *item;

	(void)state;
	open_file(&f, mapping_of(MATCHES),
	    "what,qty,when,status,from,to\nwipe,5,2021-01-05,done,d,f\nwipe,6,2021-01-05,done,d,"
	    "f\n");
	f.import.create_items = true;
	import_plan(&f.import);
	assert_int_equal(f.import.item_count, 3);
	item = &f.import.items[2];
	assert_string_equal(item->code, "wipe");
	assert_string_equal(item->category, "disinfection");
	assert_string_equal(item->name_zh, "湿巾");
	assert_true(item->moved);
	assert_string_equal(fate(&f, 3), "ready");
	close_file(&f);
}

#define SUPPLIES                                                                                     \
	"{\"name\":\"s\",\"item\":\"{name}\",\"quantity\":\"{qty}\",\"unit\":\"{unit}\","            \
	"\"blank\":[\"/\"],\"maps\":{\"en\":{\"箱\":\"carton\",\"件\":\"case\",\"台\":\"set\"}}," \
	"\"units\":{\"piece\":{\"只\":1,\"个\":1},\"pair\":{\"双\":1,\"只\":\"1/2\"},"           \
	"\"packed\":{\"箱\":1,\"件\":1}},"                                                         \
	"\"contents\":{\"in\":\"{spec} @{unit}\",\"rules\":["                                        \
	"{\"match\":\"([0-9]+)(只|个|双)/盒 "                                                    \
	"([0-9]+)盒/(箱|件)\",\"count\":[1,3],\"unit\":2,\"per\":4},"                             \
	"{\"match\":\"([0-9]+)(只|个|双)/(箱|件|盒)\",\"count\":[1],\"unit\":2,\"per\":3},"    \
	"{\"match\":\"^([0-9]+)/(箱|件)\",\"count\":[1],\"unit\":\"只\",\"per\":2}]},"            \
	"\"new\":{\"name_zh\":\"{name}({@unit})\",\"name_en\":\"{name} ({@unit|en})\","              \
	"\"unit\":\"{@unit}\",\"unit_en\":\"{@unit|en}\",\"category\":\"isolation\"},"               \
	"\"items\":[{\"match\":\"、\",\"reject\":{\"code\":\"several\",\"zh\":\"z\",\"en\":\"e\"}"  \
	"},"                                                                                         \
	"{\"match\":\"口罩\",\"item\":\"disposable-mask\",\"units\":\"piece\",\"or\":"             \
	"{\"item\":\"disposable-mask-{@unit|en}\",\"units\":\"packed\",\"new\":{}}},"                \
	"{\"match\":\"手套\",\"item\":\"glove\",\"units\":\"pair\"},"                              \
	"{\"item\":\"own-{@digest}\",\"new\":{}}],"                                                  \
	"\"slips\":[{\"kind\":\"in\",\"reason\":\"donation\",\"business_date\":\"2020-01-30\"}]}"

/* What is told is counted in base units; a pack of unknown content stays a pack, or is refused. */
static void units_and_contents(void **state)
{
	static const struct {
		const char *row;  /* name,spec,unit,qty */
		const char *item; /* or the reason */
		int64_t quantity;
	} cases[] = {
	    {"口罩,,只,300", "disposable-mask", 300},
	    {"口罩,,,300只", "disposable-mask", 300},
	    {"口罩,2000只/箱,箱,3", "disposable-mask", 6000},
	    {"口罩,2000只/箱,箱,3箱", "disposable-mask", 6000},
	    {"口罩,50只/盒 40盒/箱,箱,2", "disposable-mask", 4000},
	    {"口罩,50只/盒 40盒/箱,盒,2", "disposable-mask", 100},
	    {"口罩,10000/箱,箱,2", "disposable-mask", 20000},
	    {"口罩,2000只/箱,件,3", "disposable-mask-case", 3},
	    {"口罩,/,箱,3", "disposable-mask-carton", 3},
	    {"口罩,99999999只/箱,箱,3", "disposable-mask-carton", 3},
	    {"口罩,,桶,3", "unknown_unit", 0},
	    {"口罩,,箱,3盒", "unit_conflict", 0},
	    {"口罩,,/,3", "no_unit", 0},
	    {"手套,100只/箱,箱,3", "glove", 150},
	    {"手套,,只,7", "not_whole", 0},
	    {"手套,,箱,7", "unknown_unit", 0},
	    {"口罩、手套,,箱,1", "several", 0},
	    {"呼吸机,,台,2", "own-", 2},
	    {"呼吸机,,人份,2", "no_value", 0},
	};
	struct buf csv = BUF_EMPTY;
	struct fixture f;

	(void)state;
	buf_puts(&csv, "name,spec,unit,qty\n");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		buf_printf(&csv, "%s\n", cases[i].row);
	open_file(&f, mapping_of(SUPPLIES), buf_str(&csv));
	f.import.create_items = true;
	import_plan(&f.import);
	for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct import_row *row = &f.import.rows[i];
		bool ready = row->fate == IMPORT_READY;
		const char *got = ready ? f.import.items[row->item].code : row->reason->code;

		if (strncmp(got, cases[i].item, strlen(cases[i].item)) != 0 ||
		    ready != (cases[i].quantity > 0))
			fail_msg("%s: %s", cases[i].row, got);
		if (ready)
			assert_int_equal(
			    f.import.slips[row->first_slip].quantity, cases[i].quantity);
	}
	close_file(&f);
	buf_free(&csv);
}

#define LEDGER                                                                                        \
	"{\"name\":\"l\",\"item\":\"{物资}\",\"unit\":\"{单位}\",\"balance\":\"{结存}\","       \
	"\"optional\":[\"备注\"],\"fill_down\":[\"日期\",[\"物资\",\"单位\"]],"               \
	"\"rows\":[{\"on\":\"{日期}\",\"match\":\"合计\","                                        \
	"\"skip\":{\"code\":\"total\",\"zh\":\"z\",\"en\":\"e\"}}],"                                  \
	"\"items\":[{\"known\":true},{\"match\":\"N95\",\"item\":\"glove\"}],"                        \
	"\"slips\":[{\"kind\":\"in\",\"quantity\":\"{入}\",\"business_date\":\"{日期}\","          \
	"\"reason\":[{\"on\":\"{备注}\",\"match\":\"捐\",\"value\":\"donation\"},{\"value\":"      \
	"\"purchase\"}]},"                                                                            \
	"{\"kind\":\"out\",\"quantity\":\"{出}\",\"business_date\":\"{日期}\",\"reason\":"         \
	"\"issue\"},"                                                                                 \
	"{\"kind\":\"in\",\"opening\":true,\"quantity\":\"{结存}\",\"business_date\":\"{日期}\"," \
	"\"reason\":\"opening\"}]}"

#define LEDGER_CSV                                                                                 \
	"防疫物资台账,,,,,\n"                                                                \
	"日期,物资,单位,入,出,结存\n"                                                    \
	"2022-11-01,一次性口罩,只,,,100\n"                                                   \
	",,,50,0,150\n"                                                                            \
	"2022/11/2,,,,30,120\n"                                                                    \
	"合计,,,50,30,120\n"                                                                     \
	"2022-11-03,,盒,2,,4.4\n"                                                                 \
	"2022-11-03,一次性口罩,盒,2,,5\n"                                                    \
	"2022-11-04,,只,,,250\n"                                                                  \
	"2022-11-04,,只,,,\n"                                                                     \
	"2022-11-04,,托,1,,-999999999999999\n"

static void ledger_pages(void **state)
{
	struct fixture f;

	(void)state;
	plan_file(&f, LEDGER, LEDGER_CSV);
	assert_int_equal(f.import.header, 1);
	assert_slips(&f, 0,
	    "{\"business_date\":\"2022-11-01\",\"kind\":\"in\",\"lines\":[{\"item\":\"disposable-"
	    "mask\",\"quantity\":100}],\"reason\":\"opening\"}\n");
	assert_slips(&f, 1,
	    "{\"business_date\":\"2022-11-01\",\"kind\":\"in\",\"lines\":[{\"item\":\"disposable-"
	    "mask\",\"quantity\":50}],\"reason\":\"purchase\"}\n");
	assert_slips(&f, 2,
	    "{\"business_date\":\"2022-11-02\",\"kind\":\"out\",\"lines\":[{\"item\":\"disposable-"
	    "mask\",\"quantity\":30}],\"reason\":\"issue\"}\n");
	assert_string_equal(fate(&f, 6), "total");
	assert_string_equal(fate(&f, 7), "fraction"); /* of the balance */
	/* In packs as the ledger has them: the slip says 2 盒, the balance is of 5 盒. */
	assert_slips(&f, 5,
	    "{\"business_date\":\"2022-11-03\",\"kind\":\"in\",\"lines\":[{\"item\":\"disposable-"
	    "mask\",\"pack\":\"盒\",\"quantity\":2}],\"reason\":\"purchase\"}\n");
	assert_int_equal(f.import.rows[5].claimed, 250);
	assert_string_equal(fate(&f, 9), "carried_forward");
	assert_string_equal(fate(&f, 10), "nothing_moved");
	assert_string_equal(fate(&f, 11), "quantity_too_large"); /* of the balance, in base units */
	close_file(&f);
}

static void missing_columns(void **state)
{
	static const char csv[] = "日期,物资,入,结存\n2022-11-01,口罩,1,1\n";
	struct fixture f = {.mapping = mapping_of(LEDGER)};

	(void)state;
	assert_true(csv_table_parse(&f.table, "t", csv, strlen(csv), error, sizeof error));
	assert_false(import_open(&f.import, f.mapping, &f.table, error, sizeof error));
	assert_non_null(strstr(error, "单位, 出"));
	assert_null(strstr(error, "备注"));
	close_file(&f);

	f = (struct fixture){.mapping = mapping_of(LEDGER)};
	assert_true(csv_table_parse(&f.table, "t", "", 0, error, sizeof error));
	assert_false(import_open(&f.import, f.mapping, &f.table, error, sizeof error));
	assert_non_null(strstr(error, "empty"));
	close_file(&f);
}

/* --- Keys --- */

static char *keys_of(const char *json, const char *csv, uint32_t r)
{
	struct fixture f;
	char *keys;

	plan_file(&f, json, csv);
	keys = slips_of(&f, r, true);
	close_file(&f);
	return keys;
}

static void assert_same_key(bool same, const char *csv1, uint32_t r1, const char *csv2, uint32_t r2)
{
	char *a = keys_of(MATCHES, csv1, r1), *b = keys_of(MATCHES, csv2, r2);

	assert_true(a[0] && b[0]);
	assert_int_equal(strcmp(a, b) == 0, same);
	free(a);
	free(b);
}

#define HEAD "what,qty,when,status,from,to"
#define ROW "mask,5,2021-01-05,done,\xe5\x8f\xa3,f"

static void keys(void **state)
{
	static const char once[] = HEAD "\n" ROW "\n";
	char *keys = keys_of(MATCHES, once, 0);

	(void)state;
	/* One key a slip, of the mapping's name. */
	assert_true(strncmp(keys, "m:", 2) == 0);
	assert_non_null(strstr(keys, ":0\nm:"));
	assert_non_null(strstr(keys, ":1\n"));
	free(keys);

	assert_same_key(true, once, 0, "\xef\xbb\xbf" HEAD "\r\n" ROW, 0);
	assert_same_key(true, once, 0, HEAD "\nmask,5,2021-01-05,done,\xbf\xda,f\n", 0);
	assert_same_key(
	    true, once, 0, "\"what\";qty;when;status;from;to\nmask; 5;2021-01-05;done;口;f", 0);
	assert_same_key(true, once, 0, HEAD "\nmask,6,2021-01-04,done,d,f\n" ROW "\n", 1);
	assert_same_key(true, once, 0, HEAD ",extra\n" ROW ",\n", 0);
	assert_same_key(false, once, 0, HEAD "\nmask,6,2021-01-05,done,口,f\n", 0);
	/* The same row twice is two movements. */
	assert_same_key(false, HEAD "\n" ROW "\n" ROW "\n", 0, HEAD "\n" ROW "\n" ROW "\n", 1);
	assert_same_key(true, once, 0, HEAD "\n" ROW "\n" ROW "\n", 0);
}

/* A row of a rejects file keeps its identity; a slip that was refused gets a new key, once. */
static void attempts(void **state)
{
	static const char once[] = HEAD "\n" ROW "\n";
	static const char again[] =
	    HEAD ",reject_row,reject_code,reject_reason_zh,reject_reason_en,reject_attempts\n" ROW
		 ",2,insufficient_stock,z,e,0 1\n";
	char *first = keys_of(MATCHES, once, 0), *second = keys_of(MATCHES, again, 0);
	size_t in = strcspn(first, "\n") + 1;

	(void)state;
	assert_memory_equal(first, second, in);
	assert_string_equal(second + strlen(second) - 5, ":1.1\n");
	assert_memory_equal(first + in, second + in, strlen(first + in) - 1);
	free(first);
	free(second);
}

/* --- Answers --- */

static void answer(struct fixture *f, uint32_t s, int status, bool replayed, int64_t balance)
{
	char *body =
	    xasprintf("{\"lines\":[{\"balance_after\":1},{\"balance_after\":%lld,\"lot\":\""
		      "\\\"balance_after\\\":9\"}]}",
		(long long)balance);
	struct problem problem;
	struct post_answer a = {.status = status, .replayed = replayed, .number = ""};

	if (status < 300) {
		a.body = body;
		a.body_len = strlen(body);
	} else {
		problem_set(&problem, PROBLEM_insufficient_stock);
		problem.available = balance;
		a.problem = &problem;
	}
	assert_int_equal(import_answer(&f->import, &f->import.slips[s], &a), status != 503);
	import_check(&f->import);
	free(body);
}

static void answers(void **state)
{
	struct fixture f;

	(void)state;
	plan_file(&f, MATCHES,
	    HEAD "\nmask,1,2021-01-05,done,d,f\n"
		 "mask,2,2021-01-05,done,d,f\n"
		 "mask,3,2021-01-05,done,d,f\n"
		 "mask,4,2021-01-05,done,d,f\n");
	answer(&f, 0, 201, false, 1);
	assert_int_equal(f.import.rows[0].fate, IMPORT_READY);
	answer(&f, 1, 201, true, 0);
	assert_int_equal(f.import.rows[0].fate, IMPORT_POSTED);
	answer(&f, 2, 201, true, 0);
	answer(&f, 3, 201, true, 0);
	assert_int_equal(f.import.rows[1].fate, IMPORT_REPEATED);
	answer(&f, 4, 201, false, 3);
	answer(&f, 5, 409, false, 2);
	assert_int_equal(f.import.rows[2].fate, IMPORT_REJECTED);
	assert_string_equal(fate(&f, 4), "insufficient_stock");
	assert_non_null(strstr(f.import.rows[2].reason->en, "2 < 3"));
	assert_non_null(strstr(f.import.rows[2].reason->en, "other slip was posted"));
	assert_int_equal(f.import.rows[2].attempts[0], 0);
	assert_int_equal(f.import.rows[2].attempts[1], 1);
	answer(&f, 6, 503, false, 0);
	assert_int_equal(f.import.rows[3].fate, IMPORT_READY);
	assert_int_equal(f.import.fates[IMPORT_POSTED], 1);
	assert_int_equal(f.import.fates[IMPORT_REPEATED], 1);
	assert_int_equal(f.import.fates[IMPORT_REJECTED], 1);
	assert_int_equal(f.import.slips_posted, 2);
	close_file(&f);
}

/* What the ledger's keeper wrote as balance, beside what it is. */
static void claimed_balances(void **state)
{
	static const struct {
		const char *cells;
		int status;
		int64_t balance;
	} rows[] = {
	    {"10,,10", 201, 10}, {"5,,16", 201, 15}, /* a slip of the pen … */
	    {",5,10", 201, 10},                      /* … that went no further */
	    {",2,9", 201, 8}, {"1,,10", 201, 9},     /* one that was carried on */
	    {",100,-90", 409, 9},                    /* refused: the balance stays */
	};
	static const struct import_difference expected[] = {
	    {3, 0, 15, 16, false}, {5, 0, 8, 9, false}, {6, 0, 9, 10, true}, {7, 0, 9, -90, false}};
	struct buf csv = BUF_EMPTY;
	struct fixture f;

	(void)state;
	buf_puts(&csv, "日期,物资,单位,入,出,结存\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		buf_printf(&csv, "2022-11-01,一次性口罩,只,%s\n", rows[i].cells);
	plan_file(&f, LEDGER, buf_str(&csv));
	for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		answer(&f, i, rows[i].status, false, rows[i].balance);
	assert_int_equal(f.import.difference_count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const struct import_difference *d = &f.import.differences[i];

		assert_int_equal(d->line, expected[i].line);
		assert_int_equal(d->expected, expected[i].expected);
		assert_int_equal(d->found, expected[i].found);
		assert_int_equal(d->carried, expected[i].carried);
	}
	close_file(&f);
	buf_free(&csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_row_two_slips),
	    cmocka_unit_test(wrong_rows),
	    cmocka_unit_test(wrong_slips),
	    cmocka_unit_test(made_items),
	    cmocka_unit_test(units_and_contents),
	    cmocka_unit_test(ledger_pages),
	    cmocka_unit_test(missing_columns),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(attempts),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(claimed_balances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
