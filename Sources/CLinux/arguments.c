#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int argument_count;
static char *const *arguments;

// Swift's library of queues (libdispatch) counts its threads in /proc/self/task and traps where it cannot, at some moment
// after the first thread was made. So a process that has no /proc ends here, before there is one, and says why.
static void require_proc(void) {
    int directory = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        close(directory);
        return;
    }
    const char *name = argument_count > 0 ? strrchr(arguments[0], '/') : NULL;
    name = name != NULL ? name + 1 : argument_count > 0 ? arguments[0] : "this program";
    dprintf(
        STDERR_FILENO, "%s: cannot open /proc/self/task: %s; allowed: a system where /proc is mounted\n", name,
        strerror(errno)
    );
    _exit(EX_OSERR);
}

// The C library calls constructors with the arguments of main. Swift's run-time library reads the arguments anew from /proc,
// and has none where it finds nothing there.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
    require_proc();
}

int clinux_argument_count(void) {
    return argument_count;
}

const char *clinux_argument(int index) {
    return arguments[index];
}
