/*
 * read.h - reads that are declared in the route table and not programmed.
 *
 * A route's params say what the statement's $1, $2, … are, in order, separated by spaces:
 *
 *   @store @place   id of the store or place in scope       @user   id of the caller
 *   @places         int[] of the places granted with one of the route's roles
 *   @zone           time zone of business days
 *   {name}          the path's value, text                  {name:int}  checked as an integer
 *   name            query parameter, text or NULL           name:date name:int name:time name:bool
 *   name:a|b|c      query parameter, one of these words     name!       required
 *   limit           1 to 200, 50 unless given (an export asks for its own, larger ones)
 *   cursor          one number of the page's key, or NULL   cursor:2    two numbers, two parameters
 *
 * A route without ROUTE_LIST or ROUTE_PAGE: the statement returns one column of JSON, passed through; no row or NULL
 * is 404. With them: rows whose columns become the fields (json columns pass through),
 * with the trailing columns cursor, cursor2 as the key; newest first, or order=asc, for which the
 * statement has a twin made from its "-- keyset" lines (stmt.h). A query parameter that no param
 * names is refused.
 */
#ifndef READ_H
#define READ_H

#include "request.h"

/* Answer a request whose route declares a statement. */
void read_run(struct request *req);

#endif
