#ifndef CLINUX_H
#define CLINUX_H

/// How many arguments the kernel gave this process, its name among them.
int clinux_argument_count(void);

/// The argument at an index below the count: bytes that end in NUL and live as long as the process.
const char *_Nonnull clinux_argument(int index);

/// Notes SIGHUP from now on instead of letting it end the process. In the daemon this happens before main.
void clinux_note_early_hangup(void);

/// 1 if SIGHUP was noted since the last call, else 0.
int clinux_take_early_hangup(void);

#endif
