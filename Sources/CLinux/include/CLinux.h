// What the Glibc module leaves out: headers it lacks, function-like macros, variadics and _GNU_SOURCE functions.
// Nothing here decides anything; the reasons are in the Swift file that wraps each call.
#ifndef CLINUX_H
#define CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "CLinuxHost.h"

// `errno` is a macro over a function call.
static inline int clinux_errno(void) { return errno; }

// Variadic system calls.
int clinux_open(const char *path, int flags, mode_t mode);
int clinux_fcntl(int fd, int command, long argument);
int clinux_fcntl_lock(int fd, int command, struct flock *lock);
int clinux_ioctl_pointer(int fd, unsigned long request, void *argument);
int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

// _GNU_SOURCE functions and system calls without a glibc wrapper.
int clinux_accept4(int fd, int flags);
int clinux_pipe2(int ends[2], int flags);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pidfd, int signal);
int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);
int clinux_close_range(unsigned first, unsigned last);
ssize_t clinux_getrandom(void *buffer, size_t length);
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);
int clinux_become(uid_t user, gid_t group);
int clinux_memory_file(const char *name);
int clinux_seal_file(int fd);
int clinux_execve(const char *path, char *const arguments[], char *const environment[]);

// `struct ucred`, which is _GNU_SOURCE, of SO_PEERCRED.
struct clinux_credentials {
    int32_t pid;
    uint32_t user;
    uint32_t group;
};
int clinux_peer(int fd, struct clinux_credentials *peer);

// sendmmsg(2) of `count` frames that lie one behind the other; at most CLINUX_FRAMES_PER_CALL of them.
#define CLINUX_FRAMES_PER_CALL 64
int clinux_send_frames(int fd, const uint8_t *bytes, const size_t lengths[], unsigned count);

// unshare(2) and setns(2) of the calling thread.
int clinux_new_network_namespace(void);
int clinux_enter_network_namespace(int fd);

// The function-like macros of <sys/wait.h>.
static inline int clinux_wifexited(int status) { return WIFEXITED(status); }
static inline int clinux_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int clinux_wifsignaled(int status) { return WIFSIGNALED(status); }
static inline int clinux_wtermsig(int status) { return WTERMSIG(status); }

// The function-like macros of <sys/stat.h>.
static inline int clinux_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int clinux_is_directory(mode_t mode) { return S_ISDIR(mode); }

// `environ` is a mutable global, which Swift 6 refuses to read.
extern char **environ;
static inline char **clinux_environment(void) { return environ; }

// Names that are macros over casts or shifts.
// The limits are an enumeration that the importer takes for another type.
static inline int clinux_fifo_reset_on_fork(void) { return SCHED_FIFO | SCHED_RESET_ON_FORK; }
static inline int clinux_lock_memory(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_max != RLIM_INFINITY) return -1;
    limit.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    return mlockall(MCL_CURRENT | MCL_FUTURE);
}

static inline unsigned long clinux_secure_no_root(void) { return SECBIT_NOROOT | SECBIT_NOROOT_LOCKED; }

#endif
