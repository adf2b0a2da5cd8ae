/* What `scripts/bench --only many` compares with and measures by: the shortest loop over libmnl that puts addresses on and
 * takes them off, and what a listener beside the kernel and one on the segment see, whoever does it.
 *
 *   many loop  INTERFACE COUNT   puts 198.18.0.0 and the COUNT - 1 addresses behind it on, and takes them off again
 *   many watch INTERFACE COUNT   prints when the first and the last of so many were put on, and when they were taken off
 *   many hear  INTERFACE COUNT   prints when so many different addresses were announced by ARP
 *
 * Times are nanoseconds on CLOCK_BOOTTIME, one clock for all namespaces of a machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, ROOM = 128, MOST = 65536 };
static const uint32_t FIRST = 0xc6120000; /* 198.18.0.0/15 is for benchmarks (RFC 2544) */

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void widen(int fd, int bytes) { setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes); }

static struct mnl_socket *open_netlink(unsigned groups, int room) {
    struct mnl_socket *s = mnl_socket_open(NETLINK_ROUTE);
    if (!s || mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID) < 0) die("netlink");
    widen(mnl_socket_get_fd(s), room);
    return s;
}

/* --- The loop ------------------------------------------------------------------------------------------------------ */

static size_t put(char *buffer, int isOn, unsigned interface, uint32_t address, unsigned sequence) {
    struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
    header->nlmsg_type = isOn ? RTM_NEWADDR : RTM_DELADDR;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (isOn ? NLM_F_CREATE | NLM_F_REPLACE : 0);
    header->nlmsg_seq = sequence;
    struct ifaddrmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);
    message->ifa_family = AF_INET;
    message->ifa_prefixlen = 32;
    message->ifa_index = interface;
    mnl_attr_put_u32(header, IFA_LOCAL, htonl(address));
    mnl_attr_put_u32(header, IFA_ADDRESS, htonl(address));
    return header->nlmsg_len;
}

static void acknowledge(struct mnl_socket *s, int count) {
    static char buffer[1 << 16];
    while (count > 0) {
        ssize_t length = mnl_socket_recvfrom(s, buffer, sizeof buffer);
        if (length < 0) die("answer");
        int left = (int)length;
        for (struct nlmsghdr *h = (void *)buffer; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left), count--) {
            struct nlmsgerr *answer = mnl_nlmsg_get_payload(h);
            if (answer->error) errno = -answer->error, die("refused");
        }
    }
}

static void change(struct mnl_socket *s, int isOn, unsigned interface, int count) {
    static char buffer[BATCH * ROOM];
    for (int start = 0; start < count; start += BATCH) {
        int end = start + BATCH < count ? start + BATCH : count;
        size_t length = 0;
        for (int i = start; i < end; i++) length += put(buffer + length, isOn, interface, FIRST + i, i + 1);
        if (mnl_socket_sendto(s, buffer, length) < 0) die("request");
        acknowledge(s, end - start);
    }
}

static void loop(unsigned interface, int count) {
    struct mnl_socket *s = open_netlink(0, 1 << 20);
    change(s, 1, interface, count);
    usleep(300000);
    change(s, 0, interface, count);
}

/* --- The listeners ------------------------------------------------------------------------------------------------- */

static char seen[MOST];

/* Counts each address once for each direction. */
static int is_news(uint32_t address, int isOn, int count) {
    uint32_t place = address - FIRST;
    if (place >= (uint32_t)count || seen[place] == isOn) return 0;
    seen[place] = (char)isOn;
    return 1;
}

static void watch(unsigned interface, int count) {
    struct mnl_socket *s = open_netlink(RTMGRP_IPV4_IFADDR, 256 << 20);
    static char buffer[1 << 16];
    int changes = 0;
    printf("ready %lld\n", now());
    fflush(stdout);
    while (changes < 2 * count) {
        ssize_t length = mnl_socket_recvfrom(s, buffer, sizeof buffer);
        long long time = now();
        if (length < 0) die("events were lost");
        int left = (int)length;
        for (struct nlmsghdr *h = (void *)buffer; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
            struct ifaddrmsg *message = mnl_nlmsg_get_payload(h);
            int isOn = h->nlmsg_type == RTM_NEWADDR;
            struct nlattr *attribute;
            if (message->ifa_index != interface) continue;
            mnl_attr_for_each(attribute, h, sizeof *message) {
                if (mnl_attr_get_type(attribute) != IFA_LOCAL) continue;
                if (!is_news(ntohl(mnl_attr_get_u32(attribute)), isOn, count)) continue;
                changes += 1;
                if (changes == 1) printf("first-on %lld\n", time);
                if (changes == count) printf("last-on %lld\n", time);
                if (changes == count + 1) printf("first-off %lld\n", time);
                if (changes == 2 * count) printf("last-off %lld\n", time);
            }
        }
        fflush(stdout);
    }
}

static void hear(unsigned interface, int count) {
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = interface};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("packet socket");
    widen(fd, 256 << 20);
    printf("ready %lld\n", now());
    fflush(stdout);
    for (int heard = 0; heard < count;) {
        struct {
            struct ether_header ethernet;
            struct ether_arp arp;
        } __attribute__((packed)) frame;
        uint32_t sender, target;
        ssize_t length = recv(fd, &frame, sizeof frame, 0);
        if (length < (ssize_t)sizeof frame) continue;
        memcpy(&sender, frame.arp.arp_spa, 4);
        memcpy(&target, frame.arp.arp_tpa, 4);
        if (sender != target || !is_news(ntohl(sender), 1, count)) continue;
        heard += 1;
        if (heard == 1) printf("first-heard %lld\n", now());
        if (heard == count) printf("last-heard %lld\n", now());
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    unsigned interface = if_nametoindex(argv[2]);
    int count = atoi(argv[3]);
    if (!interface || count < 1 || count > MOST) return 2;
    if (!strcmp(argv[1], "loop")) loop(interface, count);
    else if (!strcmp(argv[1], "watch")) watch(interface, count);
    else if (!strcmp(argv[1], "hear")) hear(interface, count);
    else return 2;
    return 0;
}
