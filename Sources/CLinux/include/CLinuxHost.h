// What `vip-switch doctor` asks the kernel about the machine; included by CLinux.h.
#ifndef CLINUX_HOST_H
#define CLINUX_HOST_H

#include <stdint.h>
#include <sys/types.h>

// adjtimex(2) without a change: the state (TIME_ERROR is 5), `freq`, `tick` and `status`.
int clinux_clock_state(long *frequency, long *tick, int *status);

// statfs(2).
struct clinux_file_system {
    int64_t type;
    int64_t flags;
    int64_t block_size;
    uint64_t blocks_available;
    uint64_t files;
    uint64_t files_free;
};
int clinux_file_system(const char *path, struct clinux_file_system *found);

ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size);

// getrlimit(2): UINT64_MAX for no bound.
int clinux_realtime_limits(uint64_t *priority, uint64_t *locked_memory);

#endif
