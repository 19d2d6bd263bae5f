/* version.h - the program's version, for --version and the API's own description. */
#ifndef VERSION_H
#define VERSION_H

#define VERSION "0.1.0"

#endif
