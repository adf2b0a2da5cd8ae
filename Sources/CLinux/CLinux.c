#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
int clinux_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
int clinux_fcntl_lock(int fd, int command, struct flock *lock) { return fcntl(fd, command, lock); }
int clinux_ioctl_pointer(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }

int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

int clinux_accept4(int fd, int flags) { return accept4(fd, NULL, NULL, flags); }
int clinux_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }
int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t)(effective >> (32 * i));
        data[i].permitted = (uint32_t)(permitted >> (32 * i));
        data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
    }
    return (int)syscall(SYS_capset, &header, data);
}

int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {{0}};
    int result = (int)syscall(SYS_capget, &header, data);
    *effective = data[0].effective | (uint64_t)data[1].effective << 32;
    *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    *inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    return result;
}

int clinux_close_range(unsigned first, unsigned last) { return (int)syscall(SYS_close_range, first, last, 0); }
ssize_t clinux_getrandom(void *buffer, size_t length) { return getrandom(buffer, length, 0); }

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_become(uid_t user, gid_t group) {
    if (setresgid(group, group, group) != 0) return -1;
    return setresuid(user, user, user);
}

// Older kernels know no MFD_EXEC, and need none.
int clinux_memory_file(const char *name) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | 0x0010U);
    if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

int clinux_seal_file(int fd) {
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

int clinux_execve(const char *path, char *const arguments[], char *const environment[]) {
    return execve(path, arguments, environment);
}

int clinux_peer(int fd, struct clinux_credentials *peer) {
    struct ucred credentials = {0};
    socklen_t length = sizeof credentials;
    int result = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    peer->pid = credentials.pid;
    peer->user = credentials.uid;
    peer->group = credentials.gid;
    return result;
}

int clinux_send_frames(int fd, const uint8_t *bytes, const size_t lengths[], unsigned count) {
    struct mmsghdr messages[CLINUX_FRAMES_PER_CALL] = {0};
    struct iovec frames[CLINUX_FRAMES_PER_CALL];
    if (count > CLINUX_FRAMES_PER_CALL) count = CLINUX_FRAMES_PER_CALL;
    for (unsigned i = 0; i < count; i++) {
        frames[i] = (struct iovec){.iov_base = (void *)bytes, .iov_len = lengths[i]};
        messages[i].msg_hdr.msg_iov = &frames[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        bytes += lengths[i];
    }
    return sendmmsg(fd, messages, count, 0);
}

int clinux_new_network_namespace(void) { return unshare(CLONE_NEWNET); }
int clinux_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET); }
