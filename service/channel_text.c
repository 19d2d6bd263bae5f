/* channel_text.c - the words of a message, in Chinese and English, from its content. */
#include "channel_text.h"

#include <stdio.h>
#include <string.h>

enum language { ZH, EN };

/* {v} is the alert's value, {b} its bound, {w} its window, {u} its unit. */
static const struct cause {
	const char *name;
	const char *noun[2], *says[2];
} causes[] = {
    {"low_stock", {"库存偏低", "low stock"}, {"库存偏低", "low stock"}},
    {"out_of_stock", {"缺货", "out of stock"}, {"缺货", "out of stock"}},
    {"days_of_cover", {"可用天数不足", "few days of cover"},
	{"按近 {w} 天的用量只够 {v} 天（下限 {b} 天）",
	    "lasts {v} days at the rate of the last {w} days (bound {b})"}},
    {"expiring", {"临期", "expiring soon"},
	{"{v} {u}在 {b} 天内到期", "{v} {u} expire within {b} days"}},
    {"expired", {"过期", "expired"}, {"{v} {u}已过期", "{v} {u} have expired"}},
    {"overdue_count", {"超期未盘点", "count overdue"},
	{"已 {v} 天未盘点（上限 {b} 天）", "not counted for {v} days (bound {b})"}},
};

static const struct step {
	const char *name, *tag[2], *count[2];
} steps[] = {
    {"escalated", {"升级", "escalated"}, {"升级", "escalated"}},
    {"rearmed", {"再次提醒", "again"}, {"再次提醒", "again"}},
    {"opened", {"新增", "new"}, {"新增", "new"}},
    {"closed", {"解除", "closed"}, {"解除", "closed"}},
};

/* The numbers of an alert, in the order in which they are told. */
static const struct fact {
	const char *name, *label[2];
} facts[] = {
    {"on_hand", {"结存", "on hand"}},
    {"minimum", {"最低", "minimum"}},
    {"target", {"目标", "target"}},
    {"suggested_quantity", {"建议补充", "suggested"}},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static enum language language_of(const char *word)
{
	return strcmp(word, "en") != 0 ? ZH : EN;
}

/* --- The content --- */

static const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* The name in this language, else in the other. */
static const char *name_at(const json_t *object, const char *zh, const char *en, enum language l)
{
	const char *first = text_at(object, l == ZH ? zh : en);

	return *first ? first : text_at(object, l == ZH ? en : zh);
}

static const char *store_name(const json_t *alert, enum language l)
{
	return name_at(alert, "store_name_zh", "store_name_en", l);
}

static const char *item_name(const json_t *alert, enum language l)
{
	return name_at(alert, "item_name_zh", "item_name_en", l);
}

static const char *unit(const json_t *alert, enum language l)
{
	return name_at(alert, "unit", "unit_en", l);
}

static const json_t *alerts_of(const struct channel_message *message)
{
	return json_object_get(message->content, "alerts");
}

static int64_t number_at(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* A link that is one, and no script. */
static const char *link_of(const struct channel_message *message)
{
	const char *link = text_at(message->content, "link");

	return !strncmp(link, "https://", 8) || !strncmp(link, "http://", 7) ? link : "";
}

static bool is_kind(const struct channel_message *message, const char *kind)
{
	return !strcmp(message->kind, kind);
}

/* --- Words --- */

static void add_number(struct buf *out, const json_t *number)
{
	if (json_is_real(number))
		buf_printf(out, "%.1f", json_real_value(number));
	else
		buf_int(out, json_integer_value(number));
}

static void fill(struct buf *out, const char *from, const json_t *alert, enum language l)
{
	for (; *from; from++) {
		if (from[0] != '{' || !from[1] || from[2] != '}') {
			buf_putc(out, *from);
			continue;
		}
		if (from[1] == 'u')
			buf_puts(out, unit(alert, l));
		else
			add_number(out, json_object_get(alert, from[1] == 'v'   ? "value"
							       : from[1] == 'b' ? "bound"
										: "window_days"));
		from += 2;
	}
}

static const struct step *step_of(const json_t *alert)
{
	for (size_t i = 0; i < COUNT(steps); i++)
		if (!strcmp(steps[i].name, text_at(alert, "step")))
			return &steps[i];
	return NULL;
}

static bool is_closed(const json_t *alert)
{
	return !strcmp(text_at(alert, "step"), "closed");
}

static void add_cause(struct buf *out, const json_t *alert, enum language l)
{
	const char *name = text_at(alert, "cause");

	for (size_t i = 0; i < COUNT(causes); i++)
		if (!strcmp(causes[i].name, name)) {
			if (is_closed(alert))
				buf_puts(out, causes[i].noun[l]);
			else
				fill(out, causes[i].says[l], alert, l);
			return;
		}
	buf_puts(out, name);
}

static void add_step(struct buf *out, const json_t *alert, enum language l)
{
	const struct step *step = step_of(alert);
	const char *to = name_at(alert, "escalated_to_zh", "escalated_to_en", l);

	if (!*to)
		to = text_at(alert, "escalated_to");
	buf_puts(out, step ? step->tag[l] : text_at(alert, "step"));
	if (*to && !strcmp(text_at(alert, "step"), "escalated"))
		buf_printf(out, l == ZH ? "至%s" : " to %s", to);
}

/* "西塔库 XT" */
static void add_store(struct buf *out, const json_t *alert, enum language l)
{
	buf_printf(out, "%s %s", store_name(alert, l), text_at(alert, "store"));
}

static void add_facts(struct buf *out, const json_t *alert, enum language l)
{
	for (size_t i = 0; i < COUNT(facts); i++) {
		const json_t *number = json_object_get(alert, facts[i].name);

		if (!json_is_number(number))
			continue;
		buf_printf(out, "%s%s ", l == ZH ? "，" : ", ", facts[i].label[l]);
		add_number(out, number);
		if (!strcmp(facts[i].name, "on_hand") && *unit(alert, l))
			buf_printf(out, " %s", unit(alert, l));
	}
}

static void add_alert(struct buf *out, const json_t *alert, enum language l)
{
	buf_puts(out, l == ZH ? "【" : "[");
	add_step(out, alert, l);
	buf_puts(out, l == ZH ? "】" : "] ");
	add_store(out, alert, l);
	buf_printf(out, " · %s%s", item_name(alert, l), l == ZH ? "：" : ": ");
	add_cause(out, alert, l);
	add_facts(out, alert, l);
}

/* "新增 3，解除 1" */
static void add_counts(struct buf *out, const json_t *counts, enum language l)
{
	bool first = true;

	for (size_t i = 0; i < COUNT(steps); i++) {
		int64_t n = number_at(counts, steps[i].name);

		if (n <= 0)
			continue;
		if (!first)
			buf_puts(out, l == ZH ? "，" : ", ");
		buf_printf(
		    out, l == ZH ? "%1$s %2$lld" : "%2$lld %1$s", steps[i].count[l], (long long)n);
		first = false;
	}
}

/* --- Titles --- */

static void alert_title(const struct channel_message *message, enum language l, struct buf *out)
{
	const json_t *alerts = alerts_of(message), *first = json_array_get(alerts, 0);
	int64_t more = number_at(message->content, "more");
	int64_t stores = number_at(message->content, "stores");

	buf_puts(out, l == ZH ? "【台账预警】" : "[taizhang] ");
	if (json_array_size(alerts) == 1 && more <= 0) {
		add_step(out, first, l);
		buf_puts(out, l == ZH ? "：" : ": ");
		add_store(out, first, l);
		buf_printf(out, " %s ", item_name(first, l));
		add_cause(out, first, l);
		return;
	}
	if (stores == 1 && first) {
		add_store(out, first, l);
		buf_puts(out, l == ZH ? "：" : ": ");
	} else {
		buf_printf(out, l == ZH ? "%lld 个库房：" : "%lld stores: ", (long long)stores);
	}
	add_counts(out, json_object_get(message->content, "counts"), l);
}

static void title(const struct channel_message *message, enum language l, struct buf *out)
{
	if (is_kind(message, "alert"))
		alert_title(message, l, out);
	else if (is_kind(message, "checkpoint"))
		buf_printf(out,
		    l == ZH ? "【台账】%s 审计记录的检查点，共 %lld 条"
			    : "[taizhang] Checkpoint of the log of %s, %lld events",
		    text_at(message->content, "store"),
		    (long long)number_at(message->content, "size"));
	else
		buf_puts(out, l == ZH ? "【台账】测试消息" : "[taizhang] Test message");
}

void channel_text_title(
    const struct channel_message *message, const char *language, struct buf *out)
{
	title(message, language_of(language), out);
}

/* --- Plain --- */

static void add_more(struct buf *out, int64_t more, enum language l)
{
	buf_printf(out, l == ZH ? "\n另有 %lld 条" : "\n%lld more", (long long)more);
}

#define MORE_MAX 32 /* bytes that add_more() needs, at most */

static void alert_lines(
    const struct channel_message *message, enum language l, size_t max, struct buf *out)
{
	const json_t *alerts = alerts_of(message);
	int64_t more = number_at(message->content, "more");
	size_t count = json_array_size(alerts), i;
	size_t after = strlen(link_of(message)) + 1 + MORE_MAX;

	for (i = 0; i < count; i++) {
		struct buf line = BUF_EMPTY;
		bool fits;

		buf_putc(&line, '\n');
		add_alert(&line, json_array_get(alerts, i), l);
		fits = out->len + line.len + after <= max;
		if (fits)
			buf_add(out, line.data, line.len);
		buf_free(&line);
		if (!fits)
			break;
	}
	more += (int64_t)(count - i);
	if (more > 0)
		add_more(out, more, l);
	if (*link_of(message))
		buf_printf(out, "\n%s", link_of(message));
}

static const char checkpoint_says[2][256] = {
    "请妥善保存下面全文：以后可用 taizhang verify --since 核对审计记录是否被改动。",
    "Keep all that follows: taizhang verify --since checks the log against it later on.",
};

static const char test_says[2][128] = {
    "这是一条测试消息，收到它说明此通道可用。发送人：",
    "This is a test message: the channel works. Sent by: ",
};

void channel_text_plain(
    const struct channel_message *message, const char *language, size_t max, struct buf *out)
{
	enum language l = language_of(language);
	const char *note = text_at(message->content, "note");

	title(message, l, out);
	if (is_kind(message, "alert")) {
		alert_lines(message, l, max, out);
	} else if (is_kind(message, "checkpoint")) {
		/* A part of a note is worth nothing. */
		if (out->len + strlen(checkpoint_says[l]) + strlen(note) + 3 <= max)
			buf_printf(out, "\n%s\n\n%s", checkpoint_says[l], note);
	} else {
		buf_printf(out, "\n%s%s", test_says[l], text_at(message->content, "by"));
	}
}

/* --- HTML --- */

static void escape(struct buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		case '\'':
			buf_puts(out, "&#39;");
			break;
		default:
			buf_putc(out, *text);
		}
}

/* What a function writes, escaped, as a cell. */
static void cell(struct buf *out, void (*add)(struct buf *, const json_t *, enum language),
    const json_t *alert, enum language l)
{
	struct buf text = BUF_EMPTY;

	add(&text, alert, l);
	buf_puts(out, "<td>");
	escape(out, buf_str(&text));
	buf_puts(out, "</td>");
	buf_free(&text);
}

static void add_item(struct buf *out, const json_t *alert, enum language l)
{
	buf_puts(out, item_name(alert, l));
}

static void row(struct buf *out, const json_t *alert, enum language l)
{
	buf_puts(out, "<tr>");
	cell(out, add_step, alert, l);
	cell(out, add_store, alert, l);
	cell(out, add_item, alert, l);
	cell(out, add_cause, alert, l);
	for (size_t i = 0; i < COUNT(facts); i++) {
		const json_t *number = json_object_get(alert, facts[i].name);

		buf_puts(out, "<td align=\"right\">");
		if (json_is_number(number))
			add_number(out, number);
		buf_puts(out, "</td>");
	}
	buf_puts(out, "<td>");
	escape(out, unit(alert, l));
	buf_puts(out, "</td></tr>\n");
}

static void table(const struct channel_message *message, enum language l, struct buf *out)
{
	static const char *const heads[][2] = {{"", ""}, {"库房", "Store"}, {"物资", "Item"},
	    {"预警", "Alert"}, {"结存", "On hand"}, {"最低", "Minimum"}, {"目标", "Target"},
	    {"建议补充", "Suggested"}, {"单位", "Unit"}};
	const json_t *alert;
	size_t i;

	buf_puts(out, "<table border=\"1\" cellpadding=\"6\" style=\"border-collapse:collapse\">\n"
		      "<tr>");
	for (i = 0; i < COUNT(heads); i++)
		buf_printf(out, "<th>%s</th>", heads[i][l]);
	buf_puts(out, "</tr>\n");
	json_array_foreach((json_t *)alerts_of(message), i, alert) row(out, alert, l);
	buf_puts(out, "</table>\n");
}

static void alert_html(const struct channel_message *message, enum language l, struct buf *out)
{
	int64_t more = number_at(message->content, "more");

	table(message, l, out);
	if (more > 0) {
		buf_puts(out, "<p>");
		add_more(out, more, l);
		buf_puts(out, "</p>\n");
	}
	if (*link_of(message)) {
		buf_puts(out, "<p><a href=\"");
		escape(out, link_of(message));
		buf_printf(out, "\">%s</a></p>\n", l == ZH ? "打开台账" : "Open taizhang");
	}
}

void channel_text_html(const struct channel_message *message, const char *language, struct buf *out)
{
	enum language l = language_of(language);
	struct buf head = BUF_EMPTY;

	title(message, l, &head);
	buf_printf(out,
	    "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"></head><body>\n"
	    "<p><b>",
	    l == ZH ? "zh-CN" : "en");
	escape(out, buf_str(&head));
	buf_puts(out, "</b></p>\n");
	if (is_kind(message, "alert")) {
		alert_html(message, l, out);
	} else if (is_kind(message, "checkpoint")) {
		buf_printf(out, "<p>%s</p>\n<pre>", checkpoint_says[l]);
		escape(out, text_at(message->content, "note"));
		buf_puts(out, "</pre>\n");
	} else {
		buf_printf(out, "<p>%s", test_says[l]);
		escape(out, text_at(message->content, "by"));
		buf_puts(out, "</p>\n");
	}
	buf_puts(out, "</body></html>\n");
	buf_free(&head);
}
