/* attack: misuses a Unix socket of the agent in one way until it is told to end, as one caller with one busy thread can.
 *
 *   attack SOCKET WAY [--connections N] [--batch N] [--prefix TEXT] [--hold MS]
 *
 * logins: keeps --batch calls of password.authenticate in flight on each connection, of ever new users with that prefix.
 * guesses: the same of one user, whose name is the prefix. links: the same with link.send. forbidden: the same with user.get.
 * tokens: the same with client_token.get, each for another resource. hellos: the same with system.hello. outage: logins of ten
 * minutes, of which each eighth is of a user "stalled-".
 * hostile: lines just short of 64 KiB, whose many keys have escapes, without end. zeros: the line 0 without end.
 * churn: connects, sends --batch pings, reads their answers, closes, and begins again.
 * pings, discover: sends --batch calls, reads nothing, and after --hold milliseconds connects anew.
 * halves: sends half a line and no more.
 * spin: does nothing but take processor time, to compare with.
 * A connection that is refused or closed is made again. SIGTERM ends it; it then prints one line of JSON: connects, refused
 * (connects), closed (by the agent), sent (bytes), answers (lines), errors (answers that are one). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 65000, LOGIN = 320, RETRY_MS = 20 };

struct connection {
    int descriptor; /* -1 while there is none */
    uint64_t since; /* ms: when it was made, or may be made again */
    size_t in_flight;
    const char *next; /* what is being written, and how much of it is left */
    size_t left;
    char *own; /* room for a batch of logins */
    uint32_t events;
};

static const char *path, *prefix = "user";
static size_t batch = 1;
static uint64_t hold_ms;
static const char *call, *call_end; /* what stands before and behind the user's name */
static bool is_one, is_outage;   /* all calls name one user; each eighth hangs */
static bool makes_logins, repeats, reads = true, churns;
static char *block;
static size_t block_count;
static int poller;
static unsigned long connects, refused, closed, answers, errors, number;
static unsigned long long sent;
static volatile sig_atomic_t is_over;

static void end(int signal) {
    (void)signal;
    is_over = 1;
}

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void watch(struct connection *c, uint32_t events) {
    if (c->events == events) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->descriptor, &event);
    c->events = events;
}

static void drop(struct connection *c, uint64_t pause) {
    close(c->descriptor);
    c->descriptor = -1;
    c->since = now_ms() + pause;
}

/* Fills the batch of logins up again, once all that was there is written. */
static void refill(struct connection *c) {
    if (!makes_logins || c->left || c->in_flight == batch) return;
    size_t count = 0;
    for (; c->in_flight < batch; c->in_flight++)
        count += (size_t)snprintf(
            c->own + count, LOGIN, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"%s%.40s%lu%s}}\n", number, call,
            is_outage && number % 8 == 0 ? "stalled-" : prefix,
            is_one ? 0 : number, call_end), number++;
    c->next = c->own;
    c->left = count;
}

static void write_on(struct connection *c) {
    /* So much at a time that no connection keeps the others waiting. */
    for (size_t budget = 262144; budget;) {
        refill(c);
        if (!c->left && repeats) c->next = block, c->left = block_count;
        if (!c->left) break;
        ssize_t count = send(c->descriptor, c->next, c->left < budget ? c->left : budget, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0) {
            if (errno == EAGAIN || errno == EINTR) break;
            closed++;
            drop(c, 0);
            return;
        }
        sent += (unsigned long long)count;
        c->next += count;
        c->left -= (size_t)count;
        budget -= (size_t)count;
    }
    watch(c, (reads ? EPOLLIN : 0) | (c->left || repeats ? EPOLLOUT : 0));
}

static void read_on(struct connection *c) {
    static char input[262144];
    ssize_t count = recv(c->descriptor, input, sizeof input, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
        closed++;
        drop(c, 0);
        return;
    }
    for (char *at = input, *stop = input + count; (at = memchr(at, '\n', (size_t)(stop - at))); at++) {
        answers++;
        if (c->in_flight) c->in_flight--;
        if (at + 1 == stop) break;
    }
    for (char *at = input, *stop = input + count; (at = memmem(at, (size_t)(stop - at), "\"error\":{", 9)); at += 9) errors++;
    if (churns && !c->in_flight) {
        drop(c, 0);
        return;
    }
    write_on(c);
}

static void open_connection(struct connection *c) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    c->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->descriptor < 0 || connect(c->descriptor, (struct sockaddr *)&address, sizeof address)) {
        refused++;
        if (c->descriptor >= 0) close(c->descriptor);
        c->descriptor = -1;
        c->since = now_ms() + RETRY_MS;
        return;
    }
    connects++;
    c->since = now_ms();
    c->in_flight = makes_logins ? 0 : batch;
    c->next = block;
    c->left = makes_logins ? 0 : block_count;
    c->events = EPOLLIN;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->descriptor, &event);
    write_on(c);
}

/* The bytes that each connection sends: once, or again and again. */
static void make_block(const char *way) {
    block = malloc(1 << 20);
    if (!block) abort();
    if (!strcmp(way, "hostile")) {
        block_count = (size_t)sprintf(block, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\",\"params\":{\"a\":0");
        for (int key = 0; block_count < LINE; key++) block_count += (size_t)sprintf(block + block_count, ",\"\\u0061\\n%d\":1e9", key);
        block_count += (size_t)sprintf(block + block_count, "}}\n");
    } else if (!strcmp(way, "halves")) {
        block_count = (size_t)sprintf(block, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"password.auth");
    } else if (!strcmp(way, "zeros")) {
        for (; block_count < 65536; block_count += 2) memcpy(block + block_count, "0\n", 2);
    } else {
        const char *method = !strcmp(way, "discover") ? "rpc.discover" : "system.ping";
        for (size_t id = 0; id < batch; id++)
            block_count += (size_t)sprintf(block + block_count, "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\"}\n", id, method);
    }
}

int main(int count, char **words) {
    if (count < 3) return 64;
    size_t connections = 1;
    const char *way = words[2];
    path = words[1];
    for (int i = 3; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--connections")) connections = strtoul(words[i + 1], NULL, 10);
        else if (!strcmp(words[i], "--batch")) batch = strtoul(words[i + 1], NULL, 10);
        else if (!strcmp(words[i], "--prefix")) prefix = words[i + 1];
        else if (!strcmp(words[i], "--hold")) hold_ms = strtoul(words[i + 1], NULL, 10);
        else return 64;
    }
    is_one = !strcmp(way, "guesses");
    is_outage = !strcmp(way, "outage");
    if (is_one || !strcmp(way, "logins")) {
        call = "password.authenticate\",\"params\":{\"username\":\"";
        call_end = "\",\"password\":\"wrong\",\"username_type\":\"username\"";
    } else if (!strcmp(way, "links")) {
        call = "link.send\",\"params\":{\"identifier_type\":\"email\",\"identifier\":\"";
        call_end = "@example.com\",\"redirect_uri\":\"https://app.example/\"";
    } else if (is_outage) {
        call = "password.authenticate\",\"params\":{\"username\":\"";
        call_end = "\",\"password\":\"wrong\",\"username_type\":\"username\",\"meta\":{\"deadline_ms\":600000}";
    } else if (!strcmp(way, "tokens")) {
        call = "client_token.get\",\"params\":{\"resource\":\"https://";
        call_end = ".example\"";
    } else if (!strcmp(way, "hellos")) {
        call = "system.hello\",\"params\":{\"meta\":{\"trace_id\":\"";
        call_end = "\"}";
    } else if (!strcmp(way, "forbidden")) {
        call = "user.get\",\"params\":{\"user_id\":\"";
        call_end = "\"";
    }
    makes_logins = call != NULL;
    repeats = !strcmp(way, "hostile") || !strcmp(way, "zeros");
    churns = !strcmp(way, "churn");
    reads = makes_logins || repeats || churns || !strcmp(way, "halves") || !strcmp(way, "spin");
    if ((reads && hold_ms) || (!reads && strcmp(way, "pings") && strcmp(way, "discover")) || !batch || batch > 8192) return 64;
    if (!makes_logins) make_block(way);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    while (!strcmp(way, "spin") && !is_over) continue;
    number = (unsigned long)getpid() * 1000000;
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc(connections, sizeof *all);
    if (!all) abort();
    for (size_t i = 0; i < connections; i++) {
        all[i].descriptor = -1;
        if (makes_logins && !(all[i].own = malloc(batch * LOGIN))) abort();
    }
    while (!is_over) {
        uint64_t now = now_ms();
        bool is_missing = false;
        for (size_t i = 0; i < connections && !is_over; i++) {
            struct connection *c = &all[i];
            if (c->descriptor >= 0 && hold_ms && now >= c->since + hold_ms) drop(c, 0);
            if (c->descriptor < 0 && now >= c->since) open_connection(c);
            is_missing |= c->descriptor < 0;
        }
        struct epoll_event events[256];
        int found = epoll_wait(poller, events, 256, is_missing ? 1 : 50);
        for (int i = 0; i < found; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->descriptor < 0) continue;
            if (events[i].events & EPOLLIN) read_on(c);
            else if (events[i].events & (EPOLLHUP | EPOLLERR)) closed++, drop(c, 0);
            if (c->descriptor >= 0 && (events[i].events & EPOLLOUT)) write_on(c);
        }
    }
    printf(
        "{\"connects\":%lu,\"refused\":%lu,\"closed\":%lu,\"sent\":%llu,\"answers\":%lu,\"errors\":%lu}\n", connects, refused, closed,
        sent, answers, errors);
    return 0;
}
