/*
 * evidence_zip.h - an evidence file's members, read with libarchive, each on its own as often as
 * wanted. Only a plain zip of few members is taken: anything else might cost more than it is worth.
 */
#ifndef EVIDENCE_ZIP_H
#define EVIDENCE_ZIP_H

#include "evidence.h"
#include "evidence_source.h"

/* The file, by its path or as bytes in memory (path NULL). */
struct evidence_input {
	const char *path;
	const void *bytes;
	size_t len;
};

/*
 * Look at the list of members. false: it is no such file, and error says why, in two languages.
 * members[i]: how often it is there; strange: the name of one that does not belong, "" if none.
 */
bool evidence_zip_list(const struct evidence_input *input, int members[EVIDENCE_MEMBERS],
    char strange[64], char *error, size_t error_size);

/* Begin to read a member; false when it cannot be had. End with evidence_zip_close(), either way. */
bool evidence_zip_open(struct evidence_source *source, const struct evidence_input *input,
    enum evidence_member member);
void evidence_zip_close(struct evidence_source *source);

/* A small member whole, appended to out. */
enum evidence_step evidence_zip_small(
    const struct evidence_input *input, enum evidence_member member, size_t max, struct buf *out);

#endif
