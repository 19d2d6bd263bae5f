/*
 * read.h - reads that are declared in the route table and not programmed.
 *
 * A route's params say what the statement's $1, $2, … are, in order, separated by spaces:
 *
 *   @store          id of the store in scope; 0 (the system's log) where the route names none
 *   @user           id of the caller
 *   @places         int[] of the places granted with one of the route's roles
 *   {name}          the path's value, as text
 *   {name}:slip     a slip number of the store, as three parameters: kind, business date, serial
 *   name            query parameter: text, or NULL when not given
 *   name:date       a date         name:a|b|c   one of these words         name:slip   as above
 *   limit           1 to 200 rows, 50 unless given (an export asks for its own, larger ones)
 *   cursor          a number, the page's key, or NULL          cursor:2   two numbers, two parameters
 *   -               NULL: a statement shared with a route that gives more
 *
 * The statement's columns become the fields. Behind them a list has the columns cursor (and cursor2),
 * its key; its rows come newest first, and with order=asc from the twin that its "-- keyset" lines
 * make (stmt.h). A list without a twin has but one order, ascending.
 *
 * Behind the key may be columns named "page.x": x is then a member beside items, taken from the first
 * row unless it is NULL. Such a statement always returns a row: a first row whose key is NULL stands
 * for an empty list, and no row at all is 404.
 *
 * A route that is no list (without ROUTE_LIST and ROUTE_PAGE) answers its first row; none is 404.
 * A query parameter that no param names is refused.
 */
#ifndef READ_H
#define READ_H

#include "request.h"

/* Answer a request whose route declares a statement. */
void read_run(struct request *req);

#endif
