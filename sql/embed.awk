# Turns SQL files into C, so that the program carries its statements and migrations; and the API's
# description, too.
#
#   awk -f embed.awk -v make=ids        sql/queries/*.sql     the enum: stmt_ids.h
#   awk -f embed.awk -v make=statements sql/queries/*.sql     the table: see stmt.h
#   awk -f embed.awk -v make=migrations sql/migrations/*.sql  the table: see migrate.h
#   awk -f embed.awk -v make=openapi    service/openapi.json  the text: see openapi.h
#
# A string literal a line of SQL: no literal grows long, and the bytes are those of the file.

function quote(line,    part, count, i) {
	count = split(line, part, /\\/)  # gsub and backslashes: every awk its own way
	line = part[1]
	for (i = 2; i <= count; i++)
		line = line "\\\\" part[i]
	gsub(/"/, "\\\"", line)
	gsub(/\?/, "\\?", line)  # no trigraphs
	gsub(/\t/, "\\t", line)
	return "\t\"" line "\\n\"\n"
}

# The line of a list's twin in the other order.
function turn(line) {
	gsub(/ < /, " \001 ", line)
	gsub(/ <= /, " \001= ", line)
	gsub(/ > /, " < ", line)
	gsub(/ >= /, " <= ", line)
	gsub(/\001/, ">", line)
	gsub(/DESC/, "\001", line)
	gsub(/ASC/, "DESC", line)
	gsub(/\001/, "ASC", line)
	gsub(/9223372036854775807/, "0", line)  # the far end to begin from
	return line
}

function add(name, sql, params) {
	if (make == "ids")
		print "\tSTMT_" toupper(name) ","
	else
		printf "{\"%s\",\n%s, %d, %s},\n", name, sql, params, once
	count++
}

function finish() {
	if (name == "")
		return
	if (make == "migrations") {
		printf "{%d, \"%s\",\n%s},\n", number, name, sql
		count++
		return
	}
	add(name, sql, params)
	if (turned)
		add(name "_asc", twin, params)
}

function fail(what) {
	print FILENAME ": " what > "/dev/stderr"
	failed = 1
	exit 1
}

BEGIN {
	print "/* Made by sql/embed.awk. */"
	if (make == "ids")
		print "enum stmt_id {"
	else if (make == "statements")
		print "#include \"stmt.h\"\n\nconst struct stmt stmt_table[STMT_COUNT] = {"
	else if (make == "migrations")
		print "#include \"migrate.h\"\n\nconst struct migration migration_table[] = {"
	else
		print "#include \"openapi.h\"\n\nconst char openapi_json[] ="
}

make == "openapi" {
	printf "%s", quote($0)
	next
}

FNR == 1 {
	finish()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	if (make == "migrations") {
		if (name !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$/)
			fail("a migration is named NNNN_what_it_does.sql")
		number = substr(name, 1, 4) + 0
		if (number != count + 1)
			fail("migration " count + 1 " is missing")
		name = substr(name, 6)
	} else if (name !~ /^[a-z][a-z0-9_]*$/) {
		fail("a statement is named in lower case with underscores")
	}
	sql = twin = ""
	params = turned = 0
	once = "0"
}

# -- plan: once unless $5, $6
/^-- plan: once/ {
	once = "STMT_ONCE"
	line = $0
	while (match(line, /\$[0-9]+/)) {
		once = once " | 1U << " substr(line, RSTART + 1, RLENGTH - 1)
		line = substr(line, RSTART + RLENGTH)
	}
}

{
	sql = sql quote($0)
	if ($0 ~ /-- keyset$/) {
		if (turn($0) == $0)
			fail("line " FNR " has nothing to turn round")
		turned = 1
		twin = twin quote(turn($0))
	} else {
		twin = twin quote($0)
	}
	code = $0
	sub(/--.*/, "", code)
	while (match(code, /\$[0-9]+/)) {
		n = substr(code, RSTART + 1, RLENGTH - 1) + 0
		if (n > params)
			params = n
		code = substr(code, RSTART + RLENGTH)
	}
}

END {
	if (failed)
		exit 1
	finish()
	if (make == "openapi")
		print ";\n\nconst size_t openapi_json_len = sizeof openapi_json - 1;"
	else if (make == "ids")
		print "\tSTMT_COUNT\n};"
	else
		print "};"
	if (make == "migrations")
		print "\nconst int migration_count = " count + 0 ";"
}
