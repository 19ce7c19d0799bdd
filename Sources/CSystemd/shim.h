#pragma once
#include <sys/mman.h>
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

// prctl(2) takes a variable argument list, which Swift does not import. 0, or -1 with errno set.
static inline int csystemd_set_dumpable(int dumpable) {
    return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
}

// Whether this process may be dumped or traced: 0 or 1, or -1 with errno set.
static inline int csystemd_get_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

// Locks every page once it is used, and those of later mappings too. 0, or -1 with errno set.
static inline int csystemd_lock_memory(void) {
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}
