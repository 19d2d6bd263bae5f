/*
 * evidence_zip.c - libarchive reads a zip's whole directory into memory, and knows methods whose
 * dictionaries are as large as a stranger likes: the directory is looked at before, and anything but
 * deflated or stored members is refused.
 */
#include "evidence_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define READ_BLOCK 65536
#define DIRECTORY_BYTES 65536
#define MAX_MEMBERS 32

/* Records of the zip format (APPNOTE 4.3): the end of the directory, and that of a large file. */
#define END_BYTES 22
#define END64_BYTES 56
#define LOCATOR_BYTES 20

static uint64_t number(const uint8_t *p, int bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

static bool read_at(FILE *file, int64_t at, uint8_t *out, size_t len)
{
	return at >= 0 && fseeko(file, (off_t)at, SEEK_SET) == 0 && fread(out, 1, len, file) == len;
}

struct directory {
	uint64_t members, bytes, at;
	int64_t end; /* where it has to end */
};

static bool find_directory64(FILE *file, struct directory *directory)
{
	uint8_t locator[LOCATOR_BYTES], end[END64_BYTES];
	uint64_t at;

	if (!read_at(file, directory->end - LOCATOR_BYTES, locator, sizeof locator) ||
	    memcmp(locator, "PK\6\7", 4) != 0)
		return false;
	at = number(locator + 8, 8);
	if (at > INT64_MAX / 2 || !read_at(file, (int64_t)at, end, sizeof end) ||
	    memcmp(end, "PK\6\6", 4) != 0)
		return false;
	directory->members = number(end + 32, 8);
	directory->bytes = number(end + 40, 8);
	directory->at = number(end + 48, 8);
	directory->end = (int64_t)at;
	return true;
}

static bool find_directory(FILE *file, struct directory *directory)
{
	uint8_t end[END_BYTES];

	if (fseeko(file, 0, SEEK_END) != 0)
		return false;
	directory->end = (int64_t)ftello(file) - END_BYTES;
	if (!read_at(file, directory->end, end, sizeof end) || memcmp(end, "PK\5\6", 4) != 0 ||
	    number(end + 20, 2) != 0)
		return false;
	directory->members = number(end + 10, 2);
	directory->bytes = number(end + 12, 4);
	directory->at = number(end + 16, 4);
	if (directory->members == UINT16_MAX || directory->bytes == UINT32_MAX ||
	    directory->at == UINT32_MAX)
		return find_directory64(file, directory);
	return true;
}

static bool check_directory(const struct evidence_input *input, char *error, size_t error_size)
{
	FILE *file = input->path ? fopen(input->path, "rb")
				 : fmemopen((void *)input->bytes, input->len, "rb");
	struct directory directory;
	bool found;

	if (!file) {
		snprintf(error, error_size, "打不开 cannot open: %s", strerror(errno));
		return false;
	}
	found = find_directory(file, &directory);
	fclose(file);
	if (!found) {
		snprintf(error, error_size,
		    "不是完整的 zip 文件，可能在传送中截断 not a whole zip file; it may have been "
		    "cut off on its way");
		return false;
	}
	if (directory.members <= MAX_MEMBERS && directory.bytes <= DIRECTORY_BYTES &&
	    directory.end >= 0 && directory.at + directory.bytes == (uint64_t)directory.end)
		return true;
	snprintf(error, error_size, "不是证据文件 not an evidence file: %llu members",
	    (unsigned long long)directory.members);
	return false;
}

/* --- libarchive --- */

static struct archive *open_archive(const struct evidence_input *input)
{
	struct archive *a = archive_read_new();
	int status;

	if (!a)
		return NULL;
	archive_read_support_format_zip_seekable(a);
	status = input->path ? archive_read_open_filename(a, input->path, READ_BLOCK)
			     : archive_read_open_memory(a, input->bytes, input->len);
	if (status == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	return NULL;
}

/* Only now is the method known: "ZIP 2.0 (deflation)". */
static bool plain(struct archive *a)
{
	const char *format = archive_format_name(a);

	return format && (strstr(format, "(deflation)") || strstr(format, "(uncompressed)"));
}

static const char *name_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	return name ? name : "?";
}

static enum evidence_member member_of(const char *name)
{
	enum evidence_member member = 0;

	while (member < EVIDENCE_MEMBERS && strcmp(name, evidence_names[member]) != 0)
		member++;
	return member;
}

bool evidence_zip_list(const struct evidence_input *input, int members[EVIDENCE_MEMBERS],
    char strange[64], char *error, size_t error_size)
{
	struct archive_entry *entry;
	struct archive *a;
	int status = ARCHIVE_FATAL;

	memset(members, 0, EVIDENCE_MEMBERS * sizeof *members);
	strange[0] = '\0';
	if (!check_directory(input, error, error_size))
		return false;
	a = open_archive(input);
	for (int i = 0; a && i <= MAX_MEMBERS; i++) {
		enum evidence_member member;

		status = archive_read_next_header(a, &entry);
		if (status != ARCHIVE_OK)
			break;
		member = member_of(name_of(entry));
		if (member < EVIDENCE_MEMBERS)
			members[member]++;
		else
			snprintf(strange, 64, "%s", name_of(entry));
	}
	if (status != ARCHIVE_EOF)
		snprintf(error, error_size, "目录损坏 the list of members is damaged: %s",
		    a && archive_error_string(a) ? archive_error_string(a) : "?");
	archive_read_free(a);
	return status == ARCHIVE_EOF;
}

static enum evidence_step next_block(struct evidence_source *source)
{
	const void *block;
	size_t len;
	int64_t offset;
	int status = archive_read_data_block(source->arg, &block, &len, &offset);

	if (status == ARCHIVE_EOF)
		return EVIDENCE_END;
	if (status != ARCHIVE_OK)
		return EVIDENCE_DAMAGED;
	source->at = block;
	source->end = source->at + len;
	return EVIDENCE_GOT;
}

bool evidence_zip_open(
    struct evidence_source *source, const struct evidence_input *input, enum evidence_member member)
{
	struct archive_entry *entry;
	struct archive *a = open_archive(input);

	*source = (struct evidence_source){.more = next_block, .arg = a};
	for (int i = 0; a && i <= MAX_MEMBERS; i++) {
		if (archive_read_next_header(a, &entry) != ARCHIVE_OK)
			return false;
		if (member_of(name_of(entry)) == member)
			return plain(a);
	}
	return false;
}

void evidence_zip_close(struct evidence_source *source)
{
	archive_read_free(source->arg);
	*source = (struct evidence_source){0};
}

enum evidence_step evidence_zip_small(
    const struct evidence_input *input, enum evidence_member member, size_t max, struct buf *out)
{
	struct evidence_source source;
	enum evidence_step step = EVIDENCE_DAMAGED;

	if (evidence_zip_open(&source, input, member)) {
		while ((step = next_block(&source)) == EVIDENCE_GOT) {
			size_t len = (size_t)(source.end - source.at);

			if (len > max - out->len) {
				step = EVIDENCE_BAD;
				break;
			}
			buf_add(out, source.at, len);
		}
	}
	evidence_zip_close(&source);
	return step;
}
