/* channel_text.h - the words of a message, in Chinese and English, from its content (channel.h). */
#ifndef CHANNEL_TEXT_H
#define CHANNEL_TEXT_H

#include <stddef.h>

#include "buf.h"
#include "channel.h"

/* One line: what it is about. */
void channel_text_title(
    const struct channel_message *message, const char *language, struct buf *out);

/*
 * Plain text in at most max bytes: alerts that find no room are counted, the link is always there.
 * Neither markdown nor markup, so that nobody's text can be taken for it.
 */
void channel_text_plain(
    const struct channel_message *message, const char *language, size_t max, struct buf *out);

/* An HTML document, in which everything of the content is escaped. */
void channel_text_html(
    const struct channel_message *message, const char *language, struct buf *out);

#endif
