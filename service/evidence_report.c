/* evidence_report.c - the table of checks, and how they are told. */
#include "evidence_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "buf.h"

static const char *const scopes[EVIDENCE_SCOPES] = {
    [SCOPE_FILE] = "文件 file",
    [SCOPE_EVENTS] = "事件 events",
    [SCOPE_SLIPS] = "单据 slips",
    [SCOPE_ENTRIES] = "分录 entries",
};

static const struct {
	enum evidence_scope scope;
	const char *name;
} checks[CHECKS] = {
    [CHECK_MEMBERS] = {SCOPE_FILE, "文件齐全完好 members are all there and whole"},
    [CHECK_SIGNATURE] = {SCOPE_FILE, "检查点签名 the checkpoint is signed by the key"},
    [CHECK_RECORDS] = {SCOPE_EVENTS, "记录为规范 JSON records are canonical"},
    [CHECK_SEQUENCE] = {SCOPE_EVENTS, "事件序号无缺 sequences without gaps"},
    [CHECK_STORE] = {SCOPE_EVENTS, "属于该库房 of this store"},
    [CHECK_TIMES] = {SCOPE_EVENTS, "时间顺序 times are in order"},
    [CHECK_LEAVES] = {SCOPE_EVENTS, "叶哈希 = SHA-256(0x00 ‖ 记录) leaf hashes"},
    [CHECK_ROOT] = {SCOPE_EVENTS, "根哈希 = 检查点 the tree is the checkpoint's"},
    [CHECK_SINCE] = {SCOPE_FILE, "包含旧检查点 the older checkpoint is contained"},
    [CHECK_NUMBERS] = {SCOPE_SLIPS, "单号无缺 slip numbers without gaps"},
    [CHECK_BALANCES] = {SCOPE_ENTRIES, "每笔结存 = 上笔结存 + 数量 each balance follows"},
    [CHECK_LOTS] = {SCOPE_ENTRIES, "批次从未为负 no lot was ever below zero"},
    [CHECK_SLIPS] = {SCOPE_SLIPS, "slips.csv = 事件 says what the events say"},
    [CHECK_ENTRIES] = {SCOPE_ENTRIES, "entries.csv = 事件 says what the events say"},
    [CHECK_CODE] = {SCOPE_FILE, "纸质单据代码 the paper's code"},
};

/* Cut where a character begins. */
static void copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

void evidence_fault(struct evidence_report *report, enum evidence_check check, const char *found,
    const char *expected, const char *place, ...)
{
	struct evidence_finding *finding = &report->findings[check];
	char where[1024];
	va_list args;

	report->faults++;
	if (finding->faults++ > 0)
		return;
	copy(finding->found, sizeof finding->found, found);
	copy(finding->expected, sizeof finding->expected, expected);
	va_start(args, place);
	vsnprintf(where, sizeof where, place, args);
	va_end(args);
	copy(finding->place, sizeof finding->place, where);
}

void evidence_print(const char *text, FILE *out)
{
	while (*text) {
		const unsigned char *c = (const unsigned char *)text;
		size_t len = *c < 0xc0 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

		if (strnlen(text, len) < len || !buf_utf8(text, len))
			len = 0;
		if (len == 0 || *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
			fputc('?', out);
		else
			fwrite(text, 1, len, out);
		text += len > 0 ? len : 1;
	}
}

/* "1,000,000", right-aligned. */
static void print_count(int64_t n, FILE *out)
{
	char digits[24], grouped[32];
	int len = snprintf(digits, sizeof digits, "%" PRId64, n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			grouped[at++] = ',';
		grouped[at++] = digits[i];
	}
	grouped[at] = '\0';
	fprintf(out, "%13s", grouped);
}

static void print_finding(const struct evidence_finding *finding, FILE *out)
{
	fputs("       ", out);
	evidence_print(finding->place, out);
	fputs(": ", out);
	evidence_print(finding->found, out);
	if (finding->expected[0]) {
		fputs("; 应为 expected ", out);
		evidence_print(finding->expected, out);
	}
	if (finding->faults > 1)
		fprintf(out, " (共 %" PRId64 " 处 faults in all)", finding->faults);
	fputc('\n', out);
}

int evidence_report_print(const struct evidence_report *report, FILE *out)
{
	int kinds = 0;

	for (int i = 0; i < CHECKS; i++) {
		const struct evidence_finding *finding = &report->findings[i];

		if (report->skipped[i] && finding->faults == 0)
			continue;
		fputs(finding->faults == 0 ? "  ok   " : "FAULT  ", out);
		print_count(report->counts[checks[i].scope], out);
		fprintf(out, " %-15s %s\n", scopes[checks[i].scope], checks[i].name);
		if (finding->faults == 0)
			continue;
		print_finding(finding, out);
		kinds++;
	}
	return kinds;
}
