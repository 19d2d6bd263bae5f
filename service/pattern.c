/* pattern.c - sizes of regular expressions, written out. See pattern.h. */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

/* A group: the sizes of its last part, to which a repetition applies, and of what stands before it. */
struct group {
	long before, last;
};

static void add(struct group *g, long size)
{
	g->before += g->last;
	g->last = size;
}

static long larger(long a, long b)
{
	return a > b ? a : b;
}

/* Past a bracket expression, at whose [ s stands; its closing ] may be the first in it. */
static const char *past_bracket(const char *s)
{
	s += s[1] == '^' ? 2 : 1;
	s += *s == ']';
	while (*s && *s != ']') {
		const char *class =
		    s[0] == '[' && s[1] && strchr(":.=", s[1]) ? strchr(s + 2, s[1]) : NULL;

		s = class ? class + 1 : s + 1;
	}
	return *s ? s + 1 : s;
}

/* A number of a repetition, at *s, which is moved on; those far too large are all the same. */
static long number(const char **s)
{
	char *end;
	long n = strtol(*s, &end, 10);

	*s = end;
	return n < 0 || n > PATTERN_MOST ? PATTERN_MOST + 1 : n;
}

/* How often {m}, {m,} or {m,n}, at whose { *s stands, writes out what is before it. */
static long repeats(const char **s)
{
	long least, most;

	++*s;
	least = most = number(s);
	if (**s == ',') {
		++*s;
		most = larger(least + 1, number(s));
	}
	*s += **s == '}';
	return larger(most, 1);
}

bool pattern_ok(const char *pattern)
{
	struct group groups[PATTERN_DEPTH + 1] = {{0}}, *g = groups;

	for (const char *s = pattern; *s;) {
		if (*s == '(') {
			if (g == groups + PATTERN_DEPTH)
				return false;
			*++g = (struct group){1, 0};
			s++;
		} else if (*s == ')' && g > groups) {
			g--;
			add(g, g[1].before + g[1].last);
			s++;
		} else if (*s == '[') {
			add(g, 1);
			s = past_bracket(s);
		} else if (*s == '+') {
			g->last *= 2;
			s++;
		} else if (*s == '{') {
			g->last *= repeats(&s);
		} else if (*s == '*' || *s == '?') {
			s++;
		} else {
			if (s[0] == '\\' && s[1] >= '1' && s[1] <= '9')
				return false;
			add(g, 1);
			s += s[0] == '\\' && s[1] ? 2 : 1;
		}
		if (g->last > PATTERN_MOST || g->before > PATTERN_MOST)
			return false;
	}
	return true;
}
