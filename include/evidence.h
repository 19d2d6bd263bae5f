/*
 * evidence.h - what an evidence file is: a zip that holds a stretch of one store's log, with what it
 * takes to prove it. Written by evidence_pack.c, read by evidence_verify.c, which share this.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "merkle_proof.h"
#include "signed_note.h"

enum evidence_member {
	EVIDENCE_README,     /* for people */
	EVIDENCE_CHECKPOINT, /* the signed note that all is held against */
	EVIDENCE_KEYS,  /* public keys, a line each, and endorsements of newer ones by older ones */
	EVIDENCE_PROOF, /* struct evidence_proof */
	EVIDENCE_EVENTS, /* the records, byte for byte, a line each */
	EVIDENCE_LEAVES, /* the leaf hash that the log has of each, a line each: to name what differs */
	EVIDENCE_SLIPS, /* slips and entries as their tables say, in the order of the log */
	EVIDENCE_ENTRIES,
	EVIDENCE_MEMBERS
};
extern const char *const evidence_names[EVIDENCE_MEMBERS]; /* "README.txt" */

/*
 * The tree of the checkpoint = the nodes left of the range, its events' leaves, the nodes right of it.
 * Events first … last; last = first - 1 when the range holds none.
 */
struct evidence_proof {
	char origin[NOTE_NAME_MAX + 1];
	int64_t first, last, size;
	int left_count, right_count; /* as merkle_cover() orders them */
	uint8_t left[MERKLE_MAX_COVER][MERKLE_HASH];
	uint8_t right[MERKLE_MAX_COVER][MERKLE_HASH];
	int64_t since; /* an older size that the tree is shown to contain; -1: none was asked for */
	int path_count;
	uint8_t path[MERKLE_MAX_PATH][MERKLE_HASH];
};

void evidence_proof_write(const struct evidence_proof *proof, struct buf *out);

/* false: it is no such proof, or one that cannot be (counts that do not go with the sizes). */
bool evidence_proof_read(const char *text, size_t len, struct evidence_proof *out);

#define EVIDENCE_PROOF_BYTES 65536 /* at most */

#endif
