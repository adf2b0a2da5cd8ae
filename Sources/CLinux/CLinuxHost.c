#define _GNU_SOURCE
#include "CLinuxHost.h"

#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

int clinux_clock_state(long *frequency, long *tick, int *status) {
    struct timex clock = {0};
    int state = adjtimex(&clock);
    *frequency = clock.freq;
    *tick = clock.tick;
    *status = clock.status;
    return state;
}

int clinux_file_system(const char *path, struct clinux_file_system *found) {
    struct statfs status = {0};
    int result = statfs(path, &status);
    found->type = (int64_t)status.f_type;
    found->flags = (int64_t)status.f_flags;
    found->block_size = (int64_t)status.f_bsize;
    found->blocks_available = status.f_bavail;
    found->files = status.f_files;
    found->files_free = status.f_ffree;
    return result;
}

ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size) {
    return getxattr(path, name, value, size);
}

int clinux_realtime_limits(uint64_t *priority, uint64_t *locked_memory) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_RTPRIO, &limit) != 0) return -1;
    *priority = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    // realtime raises the soft limit to the hard one.
    *locked_memory = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
    return 0;
}
