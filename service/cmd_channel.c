/* cmd_channel.c - taizhang channel try: one message to one address, to find out whether it works. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "channel.h"
#include "clock.h"
#include "cmd.h"
#include "crypto.h"
#include "die.h"
#include "offline.h"
#include "outgoing.h"

#define FILE_MAX 1048576

struct options {
	const char *kind, *language, *message_file;
	char *address, *secret; /* owned */
};

/* How the one message went. */
struct trial {
	struct event_base *base;
	bool delivered;
};

/* What a file holds, without the newline at its end. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = xmalloc(FILE_MAX + 1);
	size_t len = file ? fread(text, 1, FILE_MAX, file) : 0;

	if (!file || ferror(file))
		die("无法读取 could not read %s: %s", path, strerror(errno));
	fclose(file);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	return text;
}

static void set(char **slot, char *text)
{
	free(*slot);
	*slot = text;
}

static bool parse(struct options *options, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"kind", required_argument, NULL, 'k'},
	    {"address", required_argument, NULL, 'a'},
	    {"address-file", required_argument, NULL, 'A'},
	    {"secret-file", required_argument, NULL, 'S'},
	    {"language", required_argument, NULL, 'l'},
	    {"message", required_argument, NULL, 'm'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1)
		switch (c) {
		case 'k':
			options->kind = optarg;
			break;
		case 'a':
			set(&options->address, xstrdup(optarg));
			break;
		case 'A':
			set(&options->address, read_file(optarg));
			break;
		case 'S':
			set(&options->secret, read_file(optarg));
			break;
		case 'l':
			options->language = optarg;
			break;
		case 'm':
			options->message_file = optarg;
			break;
		default:
			return false;
		}
	return true;
}

static json_t *test_message(void)
{
	uint8_t random[16];
	char id[33], at[32];
	time_t now = time(NULL);
	struct tm tm;

	crypto_random(random, sizeof random);
	crypto_hex(random, sizeof random, id);
	gmtime_r(&now, &tm);
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s,s:I,s:s,s:{s:s,s:s}}", "id", id, "at_ms", (json_int_t)now * 1000,
	    "kind", "test", "content", "by", "taizhang channel try", "at", at);
}

static json_t *read_message(const char *path)
{
	json_error_t fault;
	json_t *message = json_load_file(path, 0, &fault);
	json_int_t at_ms;
	const char *id, *kind;
	json_t *content;

	if (!message)
		die("%s: 不是 JSON not JSON: %s", path, fault.text);
	if (json_unpack_ex(message, &fault, 0, "{s:s,s:I,s:s,s:o}", "id", &id, "at_ms", &at_ms,
		"kind", &kind, "content", &content))
		die("%s: 不是消息 not a message: %s", path, fault.text);
	return message;
}

static void on_done(void *arg, const struct channel_outcome *outcome)
{
	struct trial *trial = arg;

	trial->delivered = outcome->delivered;
	if (!outcome->delivered)
		fprintf(stderr, "未送达 not delivered: %s\n", outcome->error);
	if (outcome->refused)
		fputs("再试也不会成功 trying again will not help\n", stderr);
	if (outcome->retry_after_s)
		fprintf(stderr, "对方要求 %d 秒后再试 the receiver asks to wait %d s\n",
		    outcome->retry_after_s, outcome->retry_after_s);
	event_base_loopbreak(trial->base);
}

static bool send_once(const struct conf *conf, const struct channel_kind *kind,
    const struct channel_target *target, const json_t *message)
{
	struct trial trial = {.base = event_base_new()};
	int64_t began = clock_ms();
	char error[1024];
	struct outgoing *outgoing =
	    trial.base ? outgoing_new(trial.base, conf, error, sizeof error) : NULL;

	if (!outgoing)
		die("channel: %s", trial.base ? error : "could not set up the event loop");
	signal(SIGPIPE, SIG_IGN);
	channel_send(outgoing, kind, target,
	    &(struct channel_message){
		.id = json_string_value(json_object_get(message, "id")),
		.at_ms = json_integer_value(json_object_get(message, "at_ms")),
		.kind = json_string_value(json_object_get(message, "kind")),
		.content = json_object_get(message, "content"),
	    },
	    on_done, &trial);
	event_base_dispatch(trial.base);
	if (trial.delivered)
		printf("已送达，%lld 毫秒 delivered in %lld ms\n", (long long)(clock_ms() - began),
		    (long long)(clock_ms() - began));
	outgoing_free(outgoing);
	event_base_free(trial.base);
	return trial.delivered;
}

static bool try_channel(const struct conf *conf, const struct options *options)
{
	const struct channel_kind *kind = channel_kind_find(options->kind);
	struct channel_target target = {
	    .address = options->address,
	    .secret = options->secret ? options->secret : "",
	    .language = options->language,
	};
	struct problem problem = {0};
	json_t *message;
	bool delivered;

	if (!kind)
		die("没有此类通道 there is no kind of channel %s", options->kind);
	channel_check(kind, &target, conf, &problem);
	if (problem.code != PROBLEM_none) {
		offline_complain("channel", &problem);
		return false;
	}
	message = options->message_file ? read_message(options->message_file) : test_message();
	delivered = send_once(conf, kind, &target, message);
	json_decref(message);
	return delivered;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {.language = "zh"};
	bool understood = parse(&options, argc, argv), delivered = false;

	understood = understood && argc - optind == 1 && !strcmp(argv[optind], "try") &&
		     options.kind && options.address &&
		     (!strcmp(options.language, "zh") || !strcmp(options.language, "en"));
	if (understood)
		delivered = try_channel(conf, &options);
	free(options.address);
	free(options.secret);
	return !understood ? cmd_misused(&cmd_channel, NULL) : delivered ? 0 : 1;
}

const struct cmd cmd_channel = {
    .name = "channel",
    .usage = "taizhang channel try --kind KIND --address ADDRESS …",
    .summary = "试发一条消息 · send one message, to try a channel",
    .help =
	"按设置（smtp_…、outgoing_…）向一个地址发送一条消息，不用数据库。\n"
	"Sends one message to one address by the settings (smtp_…, outgoing_…), without the\n"
	"database.\n\n"
	"  --kind KIND          "
	"email、wecom（企业微信）、dingtalk（钉钉）、feishu（飞书）、webhook\n"
	"  --address ADDRESS    邮件地址或网址 a mail address or a URL\n"
	"  --address-file FILE  同上，从文件读取：机器人的网址就是密钥 the same, out of a file: a\n"
	"                       robot's URL is a secret\n"
	"  --secret-file FILE   签名密钥所在文件 file of the secret that it is signed with\n"
	"  --language zh|en     消息的语言 language of the message\n"
	"  --message FILE       发送此 JSON（id、at_ms、kind、content），而非测试消息 send this\n"
	"                       JSON (id, at_ms, kind, content) instead of a test message\n\n"
	"退出状态 Exit status: 0 已送达 delivered, 1 未送达 not delivered\n",
    .run = run,
};
