/* fuzz_conf.c - the settings file: read, or refused with a message; what is shown is a file again. */
#include "fuzz_file.h"

#include "conf.h"

/* The effective settings as conf_print() shows them; secrets are shown as ***. NULL: refused. */
static char *shown(const char *text, size_t size)
{
	char *argv[] = {"--config", (char *)fuzz_file(text, size), NULL}, *out = NULL,
	     error[1024] = "";
	struct conf conf;
	size_t len;
	FILE *file;
	int argc = 2;

	if (!conf_load(&conf, &argc, argv, error, sizeof error)) {
		CHECK(error[0]);
		return NULL;
	}
	CHECK(argc == 0);
	file = open_memstream(&out, &len);
	conf_print(&conf, file);
	fclose(file);
	conf_clear(&conf);
	return out;
}

/* Cut off what each line says of its value's source. */
static void cut_sources(char *text)
{
	char *out = text;

	for (char *line = text, *end; *line; line = end + 1) {
		size_t len;

		end = strchr(line, '\n');
		*end = '\0';
		len = (size_t)(strrchr(line, '#') - line);
		while (len > 0 && line[len - 1] == ' ')
			len--;
		memmove(out, line, len);
		out += len;
		*out++ = '\n';
	}
	*out = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *first = shown((const char *)data, size), *second;

	if (!first)
		return 0;
	CHECK(!memchr(data, '\0', size)); /* nothing stands unread behind one */
	second = shown(first, strlen(first));
	CHECK(second);
	if (!strstr(first, "= #")) { /* such a value cannot be shown so that it stays one */
		cut_sources(first);
		cut_sources(second);
		CHECK(strcmp(first, second) == 0);
	}
	free(first);
	free(second);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	clearenv();
	return 0;
}
