#ifndef CLINUX_H
#define CLINUX_H

/// How many arguments the kernel gave this process, its name among them.
int clinux_argument_count(void);

/// The argument at an index below the count: bytes that end in NUL and live as long as the process.
const char *_Nonnull clinux_argument(int index);

#endif
