#pragma once
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <malloc.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

// prctl(2) takes a variable argument list, which Swift does not import. 0, or -1 with errno set.
static inline int csystemd_set_dumpable(int dumpable) {
    return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
}

// Gives what was freed back to the system. Glibc's module does not have it.
static inline void csystemd_trim_memory(void) {
    malloc_trim(0);
}

// Gives back the pages of this program that nothing writes to, its code above all: those that are still used are mapped anew.
static inline void csystemd_drop_program(int must_lock) {
    const ElfW(Phdr) *segments = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM), base = 0, page = (size_t)getpagesize() - 1;
    for (size_t i = 0; i < count; i++) {
        if (segments[i].p_type == PT_PHDR) base = (size_t)segments - segments[i].p_vaddr;
    }
    for (size_t i = 0; i < count && base != 0; i++) {
        if (segments[i].p_type != PT_LOAD || (segments[i].p_flags & PF_W) != 0) continue;
        size_t start = (base + segments[i].p_vaddr) & ~page;
        size_t length = ((base + segments[i].p_vaddr + segments[i].p_memsz + page) & ~page) - start;
        munlock((void *)start, length);
        madvise((void *)start, length, MADV_DONTNEED);
        if (must_lock) syscall(SYS_mlock2, start, length, 1); // MLOCK_ONFAULT
    }
}

// Memory behind a descriptor that can be sealed, closed on exec. -1 with errno set if there is none to be had.
static inline int csystemd_memfd_create(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1U | 2U); // MFD_CLOEXEC | MFD_ALLOW_SEALING
}

// The seals of fcntl(2) that keep the size of memory as it is, and let no others be added: SEAL, SHRINK, GROW.
static const int csystemd_seals_of_size = 0x0001 | 0x0002 | 0x0004;

// Those that leave nothing to change: WRITE as well.
static const int csystemd_seals_of_all = 0x0001 | 0x0002 | 0x0004 | 0x0008;

// Seals the memory, for good. 0, or -1 with errno set.
static inline int csystemd_seal(int descriptor, int seals) {
    return fcntl(descriptor, 1024 + 9, seals); // F_ADD_SEALS
}

// 1 if the descriptor is memory with these seals, else 0.
static inline int csystemd_has_seals(int descriptor, int seals) {
    int found = fcntl(descriptor, 1024 + 10); // F_GET_SEALS
    return found >= 0 && (found & seals) == seals;
}

// Whether this process may be dumped or traced: 0 or 1, or -1 with errno set.
static inline int csystemd_get_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

// Locks every page once it is used, and those of later mappings too. 0, or -1 with errno set.
static inline int csystemd_lock_memory(void) {
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

// Takes that back, for all pages. 0, or -1 with errno set.
static inline int csystemd_unlock_memory(void) {
    return munlockall();
}

// Whether this process may lock as much memory as it likes, whatever its limit (capabilities(7), CAP_IPC_LOCK): 1 or 0.
static inline int csystemd_may_lock_all_memory(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

// A descriptor of the process at the other end of a Unix socket (SO_PEERPIDFD, kernel 6.5), closed on exec. -1 with errno
// set: ENOPROTOOPT if the kernel does not know it.
static inline int csystemd_peer_process(int socket) {
    int process = -1;
    socklen_t length = sizeof(process);
    return getsockopt(socket, SOL_SOCKET, 77, &process, &length) == 0 ? process : -1;
}

// A descriptor of the process that has this number now (pidfd_open(2)), closed on exec. -1 with errno set.
static inline int csystemd_open_process(int pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

// 1 if the process has ended, 0 if it runs, -1 with errno set if that cannot be found out.
static inline int csystemd_has_ended(int process) {
    struct pollfd look = {.fd = process, .events = POLLIN};
    int count;
    do
        count = poll(&look, 1, 0);
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        return count;
    return look.revents == POLLIN ? 1 : -1;
}
