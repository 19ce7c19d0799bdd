/* upstream-stub: a fast stand-in for Mosaic, for benchmarks: TLS, HTTP/1.1 kept alive, one thread.
 *
 *   upstream-stub PORT CERTIFICATE.pem KEY.pem [--delay MS] [--errors] [--faults SEED --record FILE --users N]
 *
 * Answers POST /oidc/token with a client access token and POST …/auth/password/authenticate with the tokens of the user whom
 * the request names: the subject of the ID token is "id-" and the username, so that a client can tell whose answer it got. The
 * answer comes after --delay milliseconds; for a username that begins with "slow-" after five seconds, with "stalled-" never, and
 * with "bad-" it is a 401, with "fail-" a 503 and with "limit-" a 429; sends of magic links are answered with a 429. --errors
 * makes 5 % of the logins a 401, 2 % a 429 and 1 % a 503.
 *
 * --faults: the number of the user "user-<number>" decides with the seed what its login meets (account.h says what); connections
 * are also reset before a request is read, and closed when they are idle or have just answered. All tokens of such a user begin
 * with its name. What came of each user is noted in the file, which is mapped, as N records. Everything is on 127.0.0.1. It is no
 * server for anything else. */
#define _GNU_SOURCE
#include "account.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Of 65,536: how often a connection is reset before a request is read, closed right after an answer, and closed while idle. */
enum { RESET_UNREAD = 200, CLOSED_AFTER = 200, CLOSED_IDLE = 200, IDLE_MS = 20 };
enum { INPUT = 16384, OUTPUT = 8192, SLOW_MS = 5000, STALLED_MS = 24 * 3600 * 1000 };

struct connection {
    int descriptor;
    SSL *tls;
    bool is_ready;
    bool is_cut;     /* the answer ends in a reset */
    bool is_closing; /* the timer is that of a close while idle */
    uint32_t events;
    size_t in_count, out_count, out_sent;
    char in[INPUT], out[OUTPUT];
    uint64_t due; /* when the answer may leave, in ms; 0 for at once */
    size_t timer; /* position in the heap, counted from 1; 0 for none */
};

static int poller;
static uint64_t delay_ms;
static bool makes_errors;
static uint64_t logins;
static uint64_t seed, draws;
static struct note *notes;
static long users;

static bool draw(unsigned of_65536) { return notes && (mixed(seed ^ 0x5eed, draws++) & 0xffff) < of_65536; }

static void count_up(uint8_t *counter) {
    if (*counter < 255) ++*counter;
}

/* ---- timers: a heap by due time ---- */
static struct connection **heap;
static size_t heap_count, heap_room;

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void heap_set(size_t at, struct connection *c) {
    heap[at] = c;
    c->timer = at;
}

static void heap_up(size_t at) {
    struct connection *c = heap[at];
    while (at > 1 && heap[at / 2]->due > c->due) {
        heap_set(at, heap[at / 2]);
        at /= 2;
    }
    heap_set(at, c);
}

static void heap_down(size_t at) {
    struct connection *c = heap[at];
    for (;;) {
        size_t child = 2 * at;
        if (child > heap_count) break;
        if (child < heap_count && heap[child + 1]->due < heap[child]->due) child++;
        if (heap[child]->due >= c->due) break;
        heap_set(at, heap[child]);
        at = child;
    }
    heap_set(at, c);
}

static void heap_add(struct connection *c) {
    if (heap_count + 2 > heap_room) {
        heap_room = heap_room ? 2 * heap_room : 1024;
        heap = realloc(heap, heap_room * sizeof *heap);
        if (!heap) abort();
    }
    heap[++heap_count] = c;
    heap_up(heap_count);
}

static void heap_remove(struct connection *c) {
    size_t at = c->timer;
    if (!at) return;
    c->timer = 0;
    struct connection *last = heap[heap_count--];
    if (last == c) return;
    heap_set(at, last);
    heap_up(at);
    heap_down(last->timer);
}

/* ---- answers ---- */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t base64url(const char *text, size_t count, char *out) {
    size_t written = 0;
    for (size_t i = 0; i < count; i += 3) {
        size_t rest = count - i;
        uint32_t group = (uint32_t)(unsigned char)text[i] << 16;
        if (rest > 1) group |= (uint32_t)(unsigned char)text[i + 1] << 8;
        if (rest > 2) group |= (uint32_t)(unsigned char)text[i + 2];
        out[written++] = alphabet[group >> 18];
        out[written++] = alphabet[group >> 12 & 63];
        if (rest > 1) out[written++] = alphabet[group >> 6 & 63];
        if (rest > 2) out[written++] = alphabet[group & 63];
    }
    return written;
}

/* A text of letters that stands for the parts of a token that nothing reads. */
static char filler[2048];

static void answer(struct connection *c, int status, const char *reason, const char *fields, const char *body) {
    c->out_count = (size_t)snprintf(
        c->out, sizeof c->out,
        "HTTP/1.1 %d %s\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Content-Length: %zu\r\nConnection: keep-alive\r\nCache-Control: no-store\r\nX-Request-Id: 7f3c1d2e-0000-4000-8000-000000000000\r\n"
        "Strict-Transport-Security: max-age=31536000\r\nX-Content-Type-Options: nosniff\r\n%s\r\n%s",
        status, reason, strlen(body), fields, body);
    c->out_sent = 0;
    c->is_cut = false;
}

static void answer_token(struct connection *c) {
    char header[64], payload[512], part[1024], token[2048], body[4096];
    size_t count = base64url("{\"alg\":\"RS256\"}", 15, header);
    header[count] = 0;
    int length = snprintf(payload, sizeof payload, "{\"iss\":\"https://stub.invalid\",\"app_id\":\"app\",\"tid\":\"tenant\"}");
    count = base64url(payload, (size_t)length, part);
    part[count] = 0;
    snprintf(token, sizeof token, "%s.%s.%.342s", header, part, filler);
    snprintf(body, sizeof body, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600}", token);
    answer(c, 200, "OK", "", body);
}

static void refuse(struct connection *c) {
    answer(c, 401, "Unauthorized", "", "{\"error_code\":\"auth_invalid_credentials\",\"message\":\"Invalid username or password\"}");
}

static void limit(struct connection *c) { answer(c, 429, "Too Many Requests", "Retry-After: 1\r\n", "{\"message\":\"Too many requests\"}"); }

static void be_unavailable(struct connection *c) { answer(c, 503, "Service Unavailable", "", "{\"message\":\"Service unavailable\"}"); }

enum reaction { ANSWERED, NEVER_ANSWERED, RESET };

/* Answers a login or leaves it unanswered; what the answer is was decided when the number was chosen. */
static enum reaction answer_login(struct connection *c, const char *user, size_t user_count) {
    char payload[1024], part[2048], body[4096];
    char own[32] = ""; /* what the tokens begin with */
    enum fate fate = GRANTED;
    long number = notes ? user_number(user, user_count + 1) : -1;
    logins++;
    if (number >= 0 && number < users) {
        struct note *note = &notes[number];
        fate = fate_of(seed, (uint64_t)number);
        count_up(&note->received);
        if (fate == TOKEN_DOUBTED && note->answered) count_up(&note->repeated);
        snprintf(own, sizeof own, "%.*s.", (int)user_count, user);
        if (fate == CUT_BEFORE) return RESET;
        if (fate == STALLED) return NEVER_ANSWERED;
        if (fate == TOKEN_DOUBTED && note->answered) fate = GRANTED;
        note->answered = (uint8_t)(fate + 1);
    }
    if (fate == TOKEN_DOUBTED) {
        answer(c, 401, "Unauthorized", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", "{\"message\":\"Unauthorized\"}");
        return ANSWERED;
    }
    if (makes_errors) {
        uint64_t turn = logins % 100;
        if (turn % 20 == 7) fate = REFUSED;
        else if (turn == 31 || turn == 81) fate = LIMITED;
        else if (turn == 50) fate = UNAVAILABLE;
    }
    if (!strncmp(user, "bad-", 4)) fate = REFUSED;
    if (!strncmp(user, "limit-", 6)) fate = LIMITED;
    if (!strncmp(user, "fail-", 5)) fate = UNAVAILABLE;
    if (fate == REFUSED) return refuse(c), ANSWERED;
    if (fate == LIMITED) return limit(c), ANSWERED;
    if (fate == UNAVAILABLE) return be_unavailable(c), ANSWERED;
    int length = snprintf(
        payload, sizeof payload,
        "{\"sub\":\"id-%.*s\",\"iss\":\"https://stub.invalid\",\"aud\":\"client.example\",\"iat\":1796083200,\"exp\":1796086800,"
        "\"auth_time\":1796083200,\"tid\":\"tenant\",\"sid\":\"0123456789abcdef\",\"email\":\"%.*s@example.com\",\"email_verified\":true,"
        "\"amr\":[\"pwd\"],\"groups\":[],\"roles\":[\"member\"],\"locale\":\"en-GB\",\"name\":\"A name of usual length\"}",
        (int)user_count, user, (int)user_count, user);
    size_t count = base64url(payload, (size_t)length, part);
    part[count] = 0;
    snprintf(
        body, sizeof body,
        "{\"access_token\":\"%seyJhbGciOiJSUzI1NiJ9.%.1180s\",\"id_token\":\"eyJhbGciOiJSUzI1NiJ9.%s.%.342s\",\"refresh_token\":\"%s%.64s\","
        "\"token_type\":\"Bearer\",\"expires_in\":3600,\"session_id\":\"%s%.48s\"}",
        own, filler, part, filler, own, filler, own, filler);
    answer(c, 200, "OK", "", body);
    if (fate == CUT_WITHIN) {
        c->is_cut = true;
        /* In the head, early in the body, or one byte before the end. */
        c->out_count = number % 3 == 0 ? 200 : number % 3 == 1 ? c->out_count / 2 : c->out_count - 1;
    }
    return ANSWERED;
}

static const char username_key[] = "\"username\":\"";

/* Notes of a request that was begun and never came whole whom it named. */
static void note_begun(const struct connection *c) {
    if (!notes || !c->in_count) return;
    const char *user = memmem(c->in, c->in_count, username_key, sizeof username_key - 1);
    if (!user) return;
    user += sizeof username_key - 1;
    long number = user_number(user, (size_t)(c->in + c->in_count - user));
    if (number >= 0 && number < users) count_up(&notes[number].begun);
}

/* Handles the request at the beginning of the input, if it is whole; answers its length, 0 if it is not, -1 if it is none. */
static ssize_t handle(struct connection *c) {
    char *end = memmem(c->in, c->in_count, "\r\n\r\n", 4);
    if (!end) return c->in_count == INPUT ? -1 : 0;
    size_t head = (size_t)(end - c->in) + 4, body = 0;
    char saved = c->in[head - 1];
    c->in[head - 1] = 0;
    char *field = strcasestr(c->in, "\r\ncontent-length:");
    if (field) body = strtoul(field + 17, NULL, 10);
    bool is_token = memmem(c->in, 64, "/oidc/token", 11) != NULL, is_link = memmem(c->in, 64, "/auth/link/", 11) != NULL;
    c->in[head - 1] = saved;
    if (head + body > INPUT) return -1;
    if (c->in_count < head + body) return 0;
    uint64_t wait = delay_ms;
    if (is_token) {
        wait = 0;
        answer_token(c);
    } else if (is_link) {
        limit(c);
    } else {
        char *user = memmem(c->in + head, body, username_key, sizeof username_key - 1);
        if (!user) return -1;
        user += sizeof username_key - 1;
        char *quote = memchr(user, '"', (size_t)(c->in + head + body - user));
        if (!quote || quote - user > 200) return -1;
        enum reaction reaction = answer_login(c, user, (size_t)(quote - user));
        if (reaction == RESET) {
            c->in_count = 0;
            c->is_cut = true;
            return -1;
        }
        if (reaction == NEVER_ANSWERED) c->out_count = c->out_sent = 0;
        if (!strncmp(user, "slow-", 5)) wait = SLOW_MS;
        if (reaction == NEVER_ANSWERED || !strncmp(user, "stalled-", 8)) wait = STALLED_MS;
    }
    c->due = wait ? now_ms() + wait : 0;
    if (wait) heap_add(c);
    return (ssize_t)(head + body);
}

/* ---- connections ---- */
static void finish(struct connection *c) {
    heap_remove(c);
    note_begun(c);
    if (c->is_cut) {
        struct linger none = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    } else if (notes && c->is_ready) {
        SSL_shutdown(c->tls);
    }
    ERR_clear_error(); /* what one connection leaves there would be taken for another's */
    SSL_free(c->tls);
    close(c->descriptor);
    free(c);
}

static void watch(struct connection *c, uint32_t events) {
    if (c->events == events) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->descriptor, &event);
    c->events = events;
}

/* Goes on as far as possible; false when the connection is over. */
static bool proceed(struct connection *c) {
    if (!c->is_ready) {
        int result = SSL_accept(c->tls);
        if (result != 1) {
            int error = SSL_get_error(c->tls, result);
            watch(c, error == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN);
            return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        }
        c->is_ready = true;
    }
    for (;;) {
        if (c->out_sent < c->out_count) {
            if (c->timer) {
                watch(c, EPOLLRDHUP);
                return true;
            }
            int count = SSL_write(c->tls, c->out + c->out_sent, (int)(c->out_count - c->out_sent));
            if (count <= 0) {
                int error = SSL_get_error(c->tls, count);
                watch(c, EPOLLOUT);
                return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ;
            }
            c->out_sent += (size_t)count;
            if (c->out_sent < c->out_count) continue;
            if (c->is_cut || draw(CLOSED_AFTER)) return false;
            if (!c->in_count && draw(CLOSED_IDLE)) {
                c->is_closing = true;
                c->due = now_ms() + 1 + draws % IDLE_MS;
                heap_add(c);
            }
            continue;
        }
        if (!c->in_count && SSL_pending(c->tls) == 0 && draw(RESET_UNREAD)) {
            char byte;
            if (recv(c->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1) {
                c->is_cut = true;
                return false;
            }
        }
        ssize_t used = c->in_count ? handle(c) : 0;
        if (used < 0) return false;
        if (used > 0) {
            memmove(c->in, c->in + used, c->in_count - (size_t)used);
            c->in_count -= (size_t)used;
            continue;
        }
        int count = SSL_read(c->tls, c->in + c->in_count, (int)(INPUT - c->in_count));
        if (count <= 0) {
            watch(c, EPOLLIN);
            return SSL_get_error(c->tls, count) == SSL_ERROR_WANT_READ;
        }
        c->in_count += (size_t)count;
        if (c->is_closing) {
            heap_remove(c);
            c->is_closing = false;
        }
    }
}

static void accept_all(int listener, SSL_CTX *context) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        int one = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *c = calloc(1, sizeof *c);
        if (!c) abort();
        c->descriptor = descriptor;
        c->tls = SSL_new(context);
        SSL_set_fd(c->tls, descriptor);
        c->events = EPOLLIN;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
    }
}

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: upstream-stub PORT CERTIFICATE.pem KEY.pem [--delay MS] [--errors] [--faults SEED --record FILE --users N]\n");
        return 64;
    }
    const char *record = NULL;
    for (int i = 4; i < count; i++) {
        if (!strcmp(words[i], "--delay") && i + 1 < count) delay_ms = strtoul(words[++i], NULL, 10);
        else if (!strcmp(words[i], "--errors")) makes_errors = true;
        else if (!strcmp(words[i], "--faults") && i + 1 < count) seed = strtoul(words[++i], NULL, 10);
        else if (!strcmp(words[i], "--record") && i + 1 < count) record = words[++i];
        else if (!strcmp(words[i], "--users") && i + 1 < count) users = strtol(words[++i], NULL, 10);
        else return 64;
    }
    if (record) {
        int file = open(record, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        size_t size = (size_t)users * sizeof *notes;
        if (file < 0 || users <= 0 || ftruncate(file, (off_t)size) ||
            (notes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)) == MAP_FAILED) {
            perror("upstream-stub: --record");
            return 1;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof filler - 1; i++) filler[i] = alphabet[(i * 7 + i / 64) % 62];
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(context, words[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, words[3], SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("upstream-stub: listen");
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[256];
        int wait = -1;
        if (heap_count) {
            uint64_t now = now_ms(), due = heap[1]->due;
            wait = due > now ? (int)(due - now) : 0;
        }
        int found = epoll_wait(poller, events, 256, wait);
        if (found < 0 && errno != EINTR) return 1;
        for (int i = 0; i < found; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) {
                accept_all(listener, context);
            } else if ((events[i].events & (EPOLLHUP | EPOLLERR)) || (c->timer && (events[i].events & EPOLLRDHUP)) || !proceed(c)) {
                finish(c);
            }
        }
        uint64_t now = now_ms();
        while (heap_count && heap[1]->due <= now) {
            struct connection *c = heap[1];
            heap_remove(c);
            if (c->is_closing || !proceed(c)) finish(c);
        }
    }
}
