// libmicrohttpd, and its variadic functions as plain ones. Nothing here decides anything; the reasons are in Sources/HTTP.
#ifndef CMICROHTTPD_H
#define CMICROHTTPD_H

#include <microhttpd.h>
#include <sys/socket.h>

struct cmicrohttpd_settings {
    int listener;
    unsigned connections;
    unsigned seconds;
    size_t memory;
    MHD_AccessHandlerCallback answer;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connected;
    void *owner;
};

static inline struct MHD_Daemon *cmicrohttpd_start(const struct cmicrohttpd_settings *settings) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, settings->answer, settings->owner,
        MHD_OPTION_LISTEN_SOCKET, settings->listener,
        MHD_OPTION_CONNECTION_LIMIT, settings->connections,
        MHD_OPTION_CONNECTION_TIMEOUT, settings->seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->memory,
        MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->owner,
        MHD_OPTION_NOTIFY_CONNECTION, settings->connected, settings->owner,
        MHD_OPTION_END);
}

// The epoll(7) descriptor that is ready whenever MHD_run has something to do.
static inline int cmicrohttpd_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

static inline int cmicrohttpd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

// Takes away what a client may no longer send or read: the daemon then sees its end and closes it.
static inline void cmicrohttpd_hang_up(struct MHD_Connection *connection) {
    int socket = cmicrohttpd_socket(connection);
    if (socket >= 0) shutdown(socket, SHUT_RDWR);
}

#endif
