/* test_evidence.c - an evidence file's proof, keys, records, rows and the code on paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence.h"
#include "evidence_code.h"
#include "evidence_keys.h"
#include "evidence_record.h"

/* --- proof.json --- */

static struct evidence_proof sample(void)
{
	struct evidence_proof proof = {
	    .origin = "taizhang.example/XT", .first = 6, .last = 9, .size = 13, .since = 3};

	/* 5 = 4 + 1; 9 to 13 = 1 + 2 + 1; of 3 in 13: RFC 9162 gives 5 hashes. */
	proof.left_count = 2;
	proof.right_count = 3;
	proof.path_count = 5;
	for (int i = 0; i < MERKLE_HASH; i++) {
		proof.left[0][i] = (uint8_t)i;
		proof.right[2][i] = (uint8_t)(i * 7);
		proof.path[4][i] = (uint8_t)(255 - i);
	}
	return proof;
}

static void proof_and_back(void **state)
{
	struct evidence_proof proof = sample(), again;
	struct buf text = BUF_EMPTY;

	(void)state;
	evidence_proof_write(&proof, &text);
	assert_true(evidence_proof_read(text.data, text.len, &again));
	assert_memory_equal(&proof, &again, sizeof proof);
	for (size_t len = 0; len < text.len; len++) /* cut off anywhere */
		assert_false(evidence_proof_read(text.data, len, &again));
	for (size_t i = 0; i < text.len; i++) { /* a byte changed: refused, or something else */
		char was = text.data[i];

		text.data[i] = was == '1' ? '2' : '1';
		if (evidence_proof_read(text.data, text.len, &again))
			assert_memory_not_equal(&proof, &again, sizeof proof);
		text.data[i] = was;
	}
	buf_free(&text);
}

static void proofs_that_cannot_be(void **state)
{
	static const char *const wrong[] = {"", "\n", "{}\n", "[]\n", "null\n",
	    "{\"first\":1,\"last\":0,\"left\":[],\"origin\":\"\",\"path\":[],\"right\":[],"
	    "\"since\":-1,"
	    "\"size\":0}\n",
	    "{\"first\":1,\"last\":1.5,\"left\":[],\"origin\":\"a/b\",\"path\":[],\"right\":[],"
	    "\"since\":-1,\"size\":1}\n",
	    "{\"first\":1,\"last\":-1,\"left\":[],\"origin\":\"a/b\",\"path\":[],\"right\":[],"
	    "\"since\":-1,\"size\":0}\n",
	    "{\"first\":1,\"last\":9999999999999999999,\"left\":[],\"origin\":\"a/b\",\"path\":[],"
	    "\"right\":[],\"since\":-1,\"size\":9999999999999999999}\n",
	    "{\"first\":1,\"last\":0,\"left\":[],\"origin\":\"a\\u0000\",\"path\":[],\"right\":[],"
	    "\"since\":-1,\"size\":0}\n",
	    "{\"first\":1,\"last\":0,\"left\":[],\"origin\":\"a/b\",\"path\":[],\"right\":[\"00\"],"
	    "\"since\":-1,\"size\":0}\n"};
	static const char good[] =
	    "{\"first\":1,\"last\":0,\"left\":[],\"origin\":\"a/b\",\"path\":[],"
	    "\"right\":[],\"since\":-1,\"size\":0}\n";
	struct evidence_proof proof;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (evidence_proof_read(wrong[i], strlen(wrong[i]), &proof))
			fail_msg("%s passed", wrong[i]);
	assert_true(evidence_proof_read(good, sizeof good - 1, &proof));
	assert_int_equal(proof.size, 0);
}

/* --- keys.txt --- */

static bool trusts(struct evidence_keys *keys, const uint8_t *key, int i)
{
	evidence_keys_trust(keys, key);
	return keys->v[i].trusted;
}

static void keys_and_trust(void **state)
{
	struct note_key *k[4];
	uint8_t public[4][NOTE_PUBLIC_KEY];
	struct buf text = BUF_EMPTY, first = BUF_EMPTY, second = BUF_EMPTY;
	struct evidence_keys keys;

	(void)state;
	for (int i = 0; i < 4; i++)
		note_key_public(k[i] = note_key_new(), public[i]);
	signed_keys_endorse("log", k[0], k[1], &first);
	signed_keys_endorse("log", k[1], k[2], &second);
	evidence_keys_add("log", public[0], NULL, &text);
	evidence_keys_add("log", public[1], buf_str(&first), &text);
	evidence_keys_add("log", public[2], buf_str(&second), &text);
	evidence_keys_add("log", public[3], buf_str(&second), &text); /* of another key */
	assert_true(evidence_keys_read(text.data, text.len, &keys));
	assert_int_equal(keys.count, 4);
	assert_string_equal(keys.v[2].endorsement, buf_str(&second));
	for (int i = 0; i < 4; i++) {
		assert_true(trusts(&keys, NULL, i));
		assert_int_equal(trusts(&keys, public[0], i), i < 3);
		assert_int_equal(trusts(&keys, public[3], i), i == 3);
	}
	evidence_keys_free(&keys);

	for (size_t len = 0; len < text.len; len++) { /* cut off anywhere: no harm */
		evidence_keys_read(text.data, len, &keys);
		evidence_keys_free(&keys);
	}
	assert_false(evidence_keys_read("x\n", 2, &keys));
	evidence_keys_free(&keys);
	assert_false(evidence_keys_read("\n", 1, &keys));
	evidence_keys_free(&keys);
	assert_false(evidence_keys_read(text.data, text.len - 1, &keys));
	evidence_keys_free(&keys);

	for (int i = 0; i < 4; i++)
		note_key_free(k[i]);
	buf_free(&text);
	buf_free(&first);
	buf_free(&second);
}

/* --- Records and rows --- */

#define LINE                                                                                       \
	"{\"balance_after\":40,\"expires\":\"2099-01-31\",\"item\":\"n95\",\"ledger_seq\":2,"      \
	"\"line\":0,\"lot\":\"=A1\",\"pack\":\"盒\",\"pack_quantity\":1,\"quantity\":20}"
#define BODY                                                                                       \
	"{\"business_date\":\"2022-11-20\",\"counterparty\":\"\",\"document\":\"123456789012\","   \
	"\"event_seq\":7,\"handler\":\"\",\"kind\":\"out\",\"lines\":[" LINE                       \
	"],\"note\":\"一\\n二\","                                                                \
	"\"number\":\"XT-CK-20221120-0003\",\"posted_at\":\"2022-11-20T08:30:00.250000+08:00\","   \
	"\"posted_by\":\"keeper\",\"reason\":\"issue\",\"receiver\":\"张三\",\"reversed_by\":"   \
	"null,"                                                                                    \
	"\"reverses\":null,\"store\":\"XT\"}"
#define RECORD                                                                                     \
	"{\"actor\":\"keeper\",\"at\":\"2022-11-20T08:30:00.250000+08:00\",\"body\":" BODY         \
	",\"seq\":7,\"source\":\"api\",\"store\":\"XT\",\"type\":\"slip_posted\"}"

static void one_row(struct evidence_row *row, const char *csv)
{
	struct evidence_source source;

	evidence_source_bytes(&source, csv, strlen(csv));
	assert_int_equal(evidence_row(&source, row), EVIDENCE_GOT);
}

static void differs(
    enum evidence_table table, const char *csv, const char *column, const char *expects)
{
	struct evidence_record record;
	struct evidence_slip slip;
	struct evidence_line line;
	struct evidence_row row = {0};
	struct buf expected = BUF_EMPTY;
	const char *at, *cell, *found;

	assert_null(evidence_record_read(RECORD, &record));
	assert_null(evidence_slip_read(&record, "XT", &slip));
	at = slip.members[BODY_LINES].value;
	assert_int_equal(evidence_line_read(&at, slip.kind, &line), SCAN_ITEM);
	one_row(&row, csv);
	found = evidence_row_differs(table, &row, &slip, &line, &expected, &cell);
	if (column) {
		assert_non_null(found);
		assert_string_equal(found, column);
		assert_string_equal(buf_str(&expected), expects);
	} else {
		assert_null(found);
	}
	evidence_row_free(&row);
	buf_free(&expected);
}

static void record_and_rows(void **state)
{
	struct evidence_record record;
	struct evidence_slip slip;
	struct evidence_line line;
	struct evidence_row row = {0};
	const char *at;

	(void)state;
	assert_null(evidence_record_read(RECORD, &record));
	assert_true(record.slip);
	assert_int_equal(record.seq, 7);
	assert_null(evidence_slip_read(&record, "XT", &slip));
	assert_string_equal(slip.number, "XT-CK-20221120-0003");
	assert_int_equal(slip.serial, 3);
	at = slip.members[BODY_LINES].value;
	assert_int_equal(evidence_line_read(&at, slip.kind, &line), SCAN_ITEM);
	assert_int_equal(line.quantity, -20);
	assert_int_equal(evidence_line_read(&at, slip.kind, &line), SCAN_END);

#define SLIP "7,XT-CK-20221120-0003,XT,out,issue,2022-11-20,,张三,,'123456789012,\"一\n二\","
	differs(EVIDENCE_SLIP_ROWS, SLIP "2022-11-20T08:30:00.250000+08:00,keeper,\r\n", NULL, "");
	differs(EVIDENCE_SLIP_ROWS, SLIP "2022-11-20T00:30:00.250000+00:00,keeper,\r\n", NULL, "");
	differs(EVIDENCE_SLIP_ROWS, SLIP "2022-11-20T08:30:00.250001+08:00,keeper,\r\n",
	    "posted_at", "2022-11-20T08:30:00.250000+08:00");
	differs(
	    EVIDENCE_SLIP_ROWS, SLIP "2022-11-20T08:30:00.250000+08:00,keeper\r\n", "reverses", "");
	differs(EVIDENCE_SLIP_ROWS, SLIP "2022-11-20T08:30:00.250000+08:00,keeper,,\r\n", "…", "");
	differs(EVIDENCE_SLIP_ROWS,
	    "7,XT-CK-20221120-0003,XT,out,issue,2022-11-20,,张三,,123456789012\r\n", "document",
	    "'123456789012");
#define ENTRY "7,XT-CK-20221120-0003,0,2022-11-20,out,n95,2,"
	differs(EVIDENCE_ENTRY_ROWS, ENTRY "0,20,40,'=A1,2099-01-31,1,盒\r\n", NULL, "");
	differs(EVIDENCE_ENTRY_ROWS, ENTRY "20,20,40,'=A1,2099-01-31,1,盒\r\n", "quantity_in", "0");
	differs(
	    EVIDENCE_ENTRY_ROWS, ENTRY "0,21,40,'=A1,2099-01-31,1,盒\r\n", "quantity_out", "20");
	differs(EVIDENCE_ENTRY_ROWS, ENTRY "0,20,40,=A1,2099-01-31,1,盒\r\n", "lot", "'=A1");

	one_row(&row, "7,x\r\n");
	assert_int_equal(evidence_row_seq(&row), 7);
	one_row(&row, "07\r\n");
	assert_int_equal(evidence_row_seq(&row), -1);
	one_row(&row, "1234567890123456789\r\n");
	assert_int_equal(evidence_row_seq(&row), -1);
	assert_false(evidence_row_header(EVIDENCE_SLIP_ROWS, &row));
	evidence_row_free(&row);
}

/* What a slip must agree with, changed: [from, to, the member that is named]. */
static void slips_that_cannot_be(void **state)
{
	static const char *const changes[][3] = {
	    {"\"event_seq\":7", "\"event_seq\":8", "event_seq"},
	    {"\"kind\":\"out\"", "\"kind\":\"in\"", "number"},
	    {"\"kind\":\"out\"", "\"kind\":\"up\"", "kind"},
	    {"CK-20221120", "CK-20221121", "number"},
	    {"XT-CK", "BT-CK", "number"},
	    {"\"posted_by\":\"keeper\"", "\"posted_by\":\"other\"", "posted_by"},
	    {"\"reverses\":null", "\"reverses\":\"x\"", "reverses"},
	    {"\"reversed_by\":null", "\"reversed_by\":\"x\"", "reversed_by"},
	    {"[" LINE "]", "[]", "lines"},
	    {"\"posted_at\":\"2022", "\"posted_at\":\"2023", "posted_at"},
	    {"\"note\"", "\"noto\"", "note"},
	    {"\"business_date\":\"2022-11-20\"", "\"business_date\":\"2022-11-31\"",
		"business_date"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char text[4096];
		const char *found = strstr(RECORD, changes[i][0]), *bad;
		struct evidence_record record;
		struct evidence_slip slip;

		snprintf(text, sizeof text, "%.*s%s%s", (int)(found - RECORD), RECORD,
		    changes[i][1], found + strlen(changes[i][0]));
		assert_null(evidence_record_read(text, &record));
		bad = evidence_slip_read(&record, "XT", &slip);
		if (!bad || strcmp(bad, changes[i][2]) != 0)
			fail_msg("%s: %s", changes[i][1], bad ? bad : "passed");
	}
}

/* --- The code on paper --- */

static void codes(void **state)
{
	static const char *const wrong[] = {"", "XT-CK-20261128-0001",
	    "XT-CK-20261128-0001.1.2.9f86d081884c7d6", "XT-CK-20261128-0001.1.2.9f86d081884c7d655",
	    "XT-CK-20261128-0001.3.2.9f86d081884c7d65", "XT-CK-20261128-0001.01.2.9f86d081884c7d65",
	    "XT-CK-20261128-0001.0.2.9f86d081884c7d65", "XT-CK-20261128-0001.1.2.9f86d081884c7dxx",
	    "-CK-20261128-0001.1.2.9f86d081884c7d65", "XT-XX-20261128-0001.1.2.9f86d081884c7d65",
	    "XT-CK-20261128-1.1.2.9f86d081884c7d65",
	    "XT-CK-20261128-0001.1.9999999999999999999.9f86d081884c7d65",
	    "ABCDEFGHIJKLMNOPQ-CK-20261128-0001.1.2.9f86d081884c7d65"};
	uint8_t root[MERKLE_HASH] = {0x9f, 0x86, 0xd0, 0x81, 0x88, 0x4c, 0x7d, 0x65, 1};
	struct evidence_code code;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (evidence_code_parse(wrong[i], &code))
			fail_msg("%s passed", wrong[i]);
	assert_true(evidence_code_parse("xt-ck-20261128-0001.1234.5000.9F86d081884c7d65", &code));
	assert_string_equal(code.store, "XT");
	assert_string_equal(code.number, "XT-CK-20261128-0001");
	assert_int_equal(code.event, 1234);
	assert_int_equal(code.size, 5000);
	assert_true(evidence_code_fits(&code, root));
	root[7] ^= 1;
	assert_false(evidence_code_fits(&code, root));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(proof_and_back),
	    cmocka_unit_test(proofs_that_cannot_be),
	    cmocka_unit_test(keys_and_trust),
	    cmocka_unit_test(record_and_rows),
	    cmocka_unit_test(slips_that_cannot_be),
	    cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
