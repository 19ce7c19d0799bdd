/* login-load: logs users in over a Unix socket as fast as it is answered, and checks every answer.
 *
 *   login-load SOCKET --for agent|http|token|ping [--connections N] [--count N] [--seconds S] [--per-connection N]
 *              [--users N] [--prefix TEXT] [--pause MS] [--rate N] [--accept-errors]
 *
 * agent: password.authenticate of the agent's protocol. http: the same request as HTTP/1.1, for proxies. token: client_token.get.
 * ping: system.ping, which needs no right. It ends after --count requests or --seconds, whichever comes first, or at SIGTERM.
 * Each connection has one request in flight, and with --pause (for one connection) the next comes so much later; with --per-connection it is replaced by a new one after so many.
 * With --rate so many requests a second are due, whether earlier ones are answered or not (an open loop): each takes a connection that is
 * free, and its latency counts from when it was due. An answer must be whole, the only one, and that user's. Prints one line of JSON: count, granted, denied, errors, seconds, rate, and the latencies
 * p50, p90, p99 and max in milliseconds; and the first answer that was an error. Ends with 1 if an answer was wrong. */
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

enum { INPUT = 65536 };
enum kind { AGENT, HTTP, TOKEN, PING };

struct client {
    int descriptor;
    uint64_t began; /* ns */
    unsigned long number, user, used;
    size_t in_count, out_count, out_sent;
    char out[1024], in[INPUT];
};

static enum kind kind;
static const char *path, *prefix = "user";
static unsigned long connections = 1, wanted, per_connection, users = 1000;
static unsigned long begun, granted, denied, errors, wrong;
static double seconds;
static unsigned long pause_ms;
static double rate; /* requests a second that are due; 0 for a closed loop */
static uint64_t next_due; /* ns */
static volatile sig_atomic_t is_told_to_end;
static bool accepts_errors;
static uint64_t start, end_at;
static int poller;
static float *latencies;
static size_t latency_count, latency_room;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what, struct client *c) {
    if (++wrong > 3) return;
    fprintf(stderr, "login-load: %s", what);
    if (c) fprintf(stderr, ": %.*s", (int)(c->in_count < 300 ? c->in_count : 300), c->in);
    fprintf(stderr, "\n");
}

static bool connect_client(struct client *c) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    c->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(c->descriptor, (struct sockaddr *)&address, sizeof address)) {
        perror("login-load: connect");
        return false;
    }
    fcntl(c->descriptor, F_SETFL, O_NONBLOCK);
    c->used = 0;
    c->in_count = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->descriptor, &event);
    return true;
}

static void end(int signal) {
    (void)signal;
    is_told_to_end = 1;
}

static bool is_over(void) { return is_told_to_end || (wanted && begun >= wanted) || (seconds > 0 && now_ns() >= end_at); }

/* Writes the next request; false when there is none, or the peer is gone. */
static bool begin(struct client *c) {
    if (is_over()) return false;
    if (pause_ms && begun) {
        struct timespec pause = {.tv_sec = (time_t)(pause_ms / 1000), .tv_nsec = (long)(pause_ms % 1000) * 1000000};
        nanosleep(&pause, NULL);
    }
    if (per_connection && c->used == per_connection) {
        close(c->descriptor);
        if (!connect_client(c)) {
            errors++;
            return false;
        }
    }
    c->used++;
    c->number = ++begun;
    c->user = c->number % users;
    c->in_count = 0;
    c->out_sent = 0;
    char body[512];
    int length = snprintf(
        body, sizeof body, "{\"username\":\"%s%lu\",\"password\":\"correct horse battery staple\",\"username_type\":\"username\"}", prefix, c->user);
    switch (kind) {
    case AGENT:
        length = snprintf(c->out, sizeof c->out, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"password.authenticate\",\"params\":%s}\n", c->number, body);
        break;
    case TOKEN:
        length = snprintf(c->out, sizeof c->out, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"client_token.get\",\"params\":{\"min_valid_s\":60}}\n", c->number);
        break;
    case PING:
        length = snprintf(c->out, sizeof c->out, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"system.ping\"}\n", c->number);
        break;
    case HTTP:
        length = snprintf(
            c->out, sizeof c->out,
            "POST /cis/v1/auth/password/authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s",
            length, per_connection == 1 ? "Connection: close\r\n" : "", body);
        break;
    }
    c->out_count = (size_t)length;
    c->began = rate > 0 ? next_due : now_ns();
    ssize_t sent = send(c->descriptor, c->out, c->out_count, MSG_NOSIGNAL);
    if (sent != (ssize_t)c->out_count) {
        fail("a request could not be written", NULL);
        return false;
    }
    return true;
}

static char first_error[256];

/* Keeps the first error, with its quotation marks made single. */
static void note_error(const char *text, size_t count) {
    errors++;
    if (first_error[0]) return;
    size_t room = sizeof first_error - 1;
    for (size_t i = 0; i < count && i < room; i++)
        first_error[i] = text[i] == '"' || text[i] == '\\' ? '\'' : text[i] < 0x20 || text[i] > 0x7e ? '?' : text[i];
}

static void note_latency(uint64_t began) {
    if (latency_count == latency_room) {
        latency_room = latency_room ? 2 * latency_room : 65536;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (!latencies) abort();
    }
    latencies[latency_count++] = (float)(now_ns() - began) / 1e6f;
}

static size_t base64url_decode(const char *text, size_t count, char *out) {
    uint32_t group = 0;
    int bits = 0;
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        int value = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '-' ? 62 : c == '_' ? 63 : -1;
        if (value < 0) return 0;
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) out[written++] = (char)(group >> (bits -= 8));
    }
    return written;
}

/* Whether the ID token in the text names the user of the request. */
static bool names_user(struct client *c, const char *text, size_t count) {
    static const char key[] = "\"id_token\":\"";
    char *token = memmem(text, count, key, sizeof key - 1);
    if (!token) return false;
    char *dot = memchr(token, '.', (size_t)(text + count - token));
    char *end = dot ? memchr(dot + 1, '.', (size_t)(text + count - dot - 1)) : NULL;
    if (!end || end - dot > 4000) return false;
    char payload[4096], expected[256];
    size_t length = base64url_decode(dot + 1, (size_t)(end - dot - 1), payload);
    int expected_length = snprintf(expected, sizeof expected, "\"sub\":\"id-%s%lu\"", prefix, c->user);
    return memmem(payload, length, expected, (size_t)expected_length) != NULL;
}

/* Looks at what has come; 1 when the answer is whole, 0 when it is not, -1 when it is wrong. */
static int check(struct client *c) {
    char *body = c->in;
    size_t count;
    if (kind == HTTP) {
        char *end = memmem(c->in, c->in_count, "\r\n\r\n", 4);
        if (!end) return 0;
        char saved = *end;
        *end = 0;
        char *field = strcasestr(c->in, "\r\ncontent-length:");
        size_t length = field ? strtoul(field + 17, NULL, 10) : 0;
        *end = saved;
        if (!field) return -1;
        body = end + 4;
        count = c->in_count - (size_t)(body - c->in);
        if (count < length) return 0;
        if (count > length) return -1;
        if (strncmp(c->in, "HTTP/1.1 200 ", 13)) {
            if (!strncmp(c->in, "HTTP/1.1 401 ", 13)) denied++; else note_error(c->in, c->in_count);
            return accepts_errors ? 1 : -1;
        }
    } else {
        char *end = memchr(c->in, '\n', c->in_count);
        if (!end) return 0;
        count = (size_t)(end - c->in);
        if (count + 1 != c->in_count) return -1;
        char id[64];
        int length = snprintf(id, sizeof id, "\"id\":%lu,", c->number);
        if (!memmem(body, count, id, (size_t)length)) return -1;
        char *error = memmem(body, count, "\"error\":{", 9);
        if (error) {
            note_error(error, count - (size_t)(error - body));
            return accepts_errors ? 1 : -1;
        }
        if (memmem(body, count, "\"verdict\":\"denied\"", 18)) {
            denied++;
            return accepts_errors ? 1 : -1;
        }
        if (kind == PING) {
            granted++;
            return 1;
        }
        if (kind == TOKEN) {
            if (!memmem(body, count, "\"access_token\":\"", 16)) return -1;
            granted++;
            return 1;
        }
        if (!memmem(body, count, "\"verdict\":\"granted\"", 19)) return -1;
    }
    if (!names_user(c, body, count)) return -1;
    granted++;
    return 1;
}

static int by_size(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

static double quantile(double share) {
    if (!latency_count) return 0;
    size_t at = (size_t)(share * (double)latency_count);
    return latencies[at < latency_count ? at : latency_count - 1];
}

/* Begins what is due as far as connections are free; how many were begun. */
static unsigned long begin_due(struct client **idle, unsigned long *idle_count) {
    unsigned long count = 0;
    while (*idle_count && next_due <= now_ns() && begin(idle[*idle_count - 1])) {
        --*idle_count;
        count++;
        next_due = start + (uint64_t)((double)begun * 1e9 / rate);
    }
    return count;
}

/* Waits for answers; in an open loop until the next request is due, if there is a connection for it. */
static int wait_for_events(struct epoll_event *events, int room, bool is_waiting_for_due) {
    if (!is_waiting_for_due) return epoll_wait(poller, events, room, 30000);
    uint64_t now = now_ns(), wait = next_due > now ? next_due - now : 0;
    struct timespec limit = {.tv_sec = (time_t)(wait / 1000000000u), .tv_nsec = (long)(wait % 1000000000u)};
    return epoll_pwait2(poller, events, room, &limit, NULL);
}

int main(int count, char **words) {
    if (count < 2) return 64;
    path = words[1];
    for (int i = 2; i < count; i++) {
        char *word = words[i], *value = i + 1 < count ? words[i + 1] : "";
        if (!strcmp(word, "--accept-errors")) {
            accepts_errors = true;
            continue;
        }
        i++;
        if (!strcmp(word, "--for")) kind = !strcmp(value, "agent") ? AGENT : !strcmp(value, "token") ? TOKEN : !strcmp(value, "ping") ? PING : HTTP;
        else if (!strcmp(word, "--connections")) connections = strtoul(value, NULL, 10);
        else if (!strcmp(word, "--count")) wanted = strtoul(value, NULL, 10);
        else if (!strcmp(word, "--seconds")) seconds = strtod(value, NULL);
        else if (!strcmp(word, "--per-connection")) per_connection = strtoul(value, NULL, 10);
        else if (!strcmp(word, "--users")) users = strtoul(value, NULL, 10);
        else if (!strcmp(word, "--prefix")) prefix = value;
        else if (!strcmp(word, "--pause")) pause_ms = strtoul(value, NULL, 10);
        else if (!strcmp(word, "--rate")) rate = strtod(value, NULL);
        else {
            fprintf(stderr, "login-load: unknown option %s\n", word);
            return 64;
        }
    }
    if (!wanted && seconds <= 0) return 64;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct client *clients = calloc(connections, sizeof *clients), **idle = calloc(connections, sizeof *idle);
    if (!clients || !idle) abort();
    unsigned long busy = 0, idle_count = 0;
    if (rate > 0) {
        for (unsigned long i = 0; i < connections; i++) {
            if (!connect_client(&clients[i])) return 1;
            idle[idle_count++] = &clients[i];
        }
    }
    start = next_due = now_ns();
    end_at = start + (uint64_t)(seconds * 1e9);
    for (unsigned long i = 0; rate <= 0 && i < connections; i++) {
        if (!connect_client(&clients[i])) return 1;
        if (begin(&clients[i])) busy++;
    }
    while (busy || (rate > 0 && !is_over())) {
        struct epoll_event events[256];
        if (rate > 0) busy += begin_due(idle, &idle_count);
        bool is_waiting_for_due = rate > 0 && idle_count && !is_over();
        int found = wait_for_events(events, 256, is_waiting_for_due);
        if (found == 0 && is_waiting_for_due) continue;
        if (found == 0) {
            fail("no answer for 30 seconds", NULL);
            break;
        }
        for (int i = 0; i < found; i++) {
            struct client *c = events[i].data.ptr;
            ssize_t read_count = recv(c->descriptor, c->in + c->in_count, INPUT - c->in_count, 0);
            if (read_count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (read_count <= 0) {
                fail("the connection was closed before the answer", c);
                close(c->descriptor);
                busy--;
                continue;
            }
            c->in_count += (size_t)read_count;
            int state = check(c);
            if (state == 0 && c->in_count < INPUT) continue;
            if (state <= 0) fail("a wrong answer", c);
            note_latency(c->began);
            if (rate > 0) {
                c->in_count = 0;
                idle[idle_count++] = c;
                busy--;
            } else if (!begin(c)) {
                close(c->descriptor);
                busy--;
            }
        }
    }
    double took = (double)(now_ns() - start) / 1e9;
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf(
        "{\"count\":%zu,\"granted\":%lu,\"denied\":%lu,\"errors\":%lu,\"wrong\":%lu,\"seconds\":%.3f,\"rate\":%.0f,"
        "\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"first_error\":\"%s\"}\n",
        latency_count, granted, denied, errors, wrong, took, (double)latency_count / took, quantile(0.5), quantile(0.9), quantile(0.99), quantile(1), first_error);
    return wrong ? 1 : 0;
}
