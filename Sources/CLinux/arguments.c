#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int argument_count;
static char *const *arguments;
static volatile sig_atomic_t early_hangup;

static const char *program_name(void) {
    if (argument_count == 0)
        return "this program";
    const char *name = strrchr(arguments[0], '/');
    return name != NULL ? name + 1 : arguments[0];
}

static void note_hangup(int number) {
    (void)number;
    early_hangup = 1;
}

void clinux_note_early_hangup(void) {
    signal(SIGHUP, note_hangup);
}

int clinux_take_early_hangup(void) {
    int was = early_hangup;
    early_hangup = 0;
    return was;
}

// Swift's library of queues (libdispatch) counts its threads in /proc/self/task and traps where it cannot, at some moment
// after the first thread was made. So a process that has no /proc ends here, before there is one, and says why.
static void require_proc(void) {
    int directory = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        close(directory);
        return;
    }
    dprintf(
        STDERR_FILENO, "%s: cannot open /proc/self/task: %s; allowed: a system where /proc is mounted\n",
        program_name(), strerror(errno)
    );
    _exit(EX_OSERR);
}

// The C library calls constructors with the arguments of main. Swift's run-time library reads the arguments anew from /proc,
// and has none where it finds nothing there.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
    // Milliseconds pass until the daemon's main runs, in which a hangup, its order to reload, would end it. To the other
    // programs it says what it says by default.
    if (strcmp(program_name(), "mosaicd") == 0)
        clinux_note_early_hangup();
    require_proc();
}

int clinux_argument_count(void) {
    return argument_count;
}

const char *clinux_argument(int index) {
    return arguments[index];
}
