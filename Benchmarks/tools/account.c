/* account: logs each of N users in once over a Unix socket of the agent, and holds what it is told against what Mosaic's stand-in
 * has seen.
 *
 *   account SOCKET --count N --record FILE --seed N [--connections N]
 *
 * User number n is "user-n", and n is the id of its request: each is tried once. A connection keeps up to DEPTH requests in
 * flight and is made again when it ends, for as long as it takes. Some requests have a very short deadline, some are cancelled,
 * and some connections are closed with requests on their way. In the end each connection is half-closed and read up to its end.
 * Then every user's answer is compared with its record in the file, in which `upstream-stub --faults` has noted what came of it.
 * Prints one line of JSON: what was sent and how it ended, what the stand-in saw, and the faults by name. The first of each is
 * told on standard error. Ends with 1 if there is one. */
#define _GNU_SOURCE
#include "account.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH = 8, INPUT = 131072, LINE = 320, RETRY_MS = 5, EXAMPLES = 3 };
/* Deadlines in ms, and how long after one an answer may still come on a machine that does other things. */
enum { USUAL_MS = 1500, LONG_MS = 6000, SHORT_MS = 30, LATE_MS = 10000 };
/* Of 10,000 requests: with a long and a short deadline, cancelled at once, and cancelled with the next one. Of 1,000,000 answers:
 * after which the connection is closed. */
enum { LONG = 300, SHORT = 100, CANCELLED_NOW = 50, CANCELLED_LATER = 50, DROPPED = 100 };

enum state { UNSENT, IN_FLIGHT, TOLD_GRANTED, TOLD_DENIED, TOLD_NOT_SENT, TOLD_REFUSED, TOLD_UNKNOWN, TOLD_NOTHING, CLOSED, DROPPED_BY_US, STATES };
static const char *const state_names[STATES] = {"unsent", "in_flight", "granted", "denied", "not_sent", "refused", "unknown", "no_outcome", "closed", "dropped"};

enum fault {
    UNKNOWN_ID, SECOND_ANSWER, UNREADABLE, OVERDUE, NO_OUTCOME, GRANTED_WRONGLY, OTHER_TOKENS, DENIED_WRONGLY, SENT_AFTER_ALL, NOT_REFUSED,
    RECEIVED_TWICE, NEVER_SENT, DO_NOT_ADD_UP, FAULTS
};
static const char *const fault_names[FAULTS] = {
    "unknown_id", "second_answer", "unreadable_answer", "overdue", "error_without_outcome", "granted_wrongly", "tokens_of_another", "denied_wrongly",
    "not_sent_but_received", "refused_wrongly", "received_twice", "received_unasked", "do_not_add_up",
};

struct flight {
    long number; /* -1 for none */
    uint64_t until; /* ms: when the answer must be there */
};

struct connection {
    int descriptor; /* -1 while there is none */
    bool is_ending; /* nothing more is sent */
    uint64_t again; /* ms: when it may be made again */
    unsigned in_flight;
    struct flight flights[DEPTH];
    long to_cancel; /* with the next request; -1 for none */
    uint32_t events;
    size_t in_count, out_count, out_sent;
    char out[2 * DEPTH * LINE], in[INPUT];
};

static const char *path;
static long total, next_user;
static uint64_t seed, draws;
static uint8_t *states;
static const struct note *notes;
static unsigned long faults[FAULTS], connects, losses, deadlines, cancels;
static int poller;
static volatile sig_atomic_t is_told_to_end;

static void end(int signal) {
    (void)signal;
    is_told_to_end = 1;
}

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void found(enum fault fault, long number, const char *text, size_t count) {
    if (++faults[fault] > EXAMPLES) return;
    fprintf(stderr, "account: %s: user-%ld", fault_names[fault], number);
    if (number >= 0 && number < total) {
        const struct note *note = &notes[number];
        fprintf(stderr, " (told %s; the stand-in received %d, begun %d, answered %d, fate %d)", state_names[states[number]], note->received,
            note->begun, note->answered, fate_of(seed, (uint64_t)number));
    }
    fprintf(stderr, " %.*s\n", (int)(count < 400 ? count : 400), text);
}

static bool has(const char *text, size_t count, const char *part) { return memmem(text, count, part, strlen(part)) != NULL; }

/* ---- tokens ---- */
static int base64url_value(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Whether a text begins with the base64url form of another one. */
static bool encodes(const char *text, size_t count, const char *wanted, size_t wanted_count) {
    uint32_t group = 0;
    int bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < count && at < wanted_count; i++) {
        int value = base64url_value(text[i]);
        if (value < 0) return false;
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if ((char)(group >> bits) != wanted[at++]) return false;
    }
    return at == wanted_count;
}

/* Whether the tokens in an answer, all of them, are those of the user. */
static bool has_tokens(long number, const char *text, size_t count) {
    static const char *const members[] = {"access_token", "refresh_token", "session_id"};
    char expected[96];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        snprintf(expected, sizeof expected, "\"%s\":\"user-%ld.", members[i], number);
        if (!has(text, count, expected)) return false;
    }
    snprintf(expected, sizeof expected, "\"user_id\":\"id-user-%ld\"", number);
    if (!has(text, count, expected)) return false;
    static const char key[] = "\"id_token\":\"";
    const char *token = memmem(text, count, key, sizeof key - 1), *stop = text + count;
    const char *dot = token ? memchr(token, '.', (size_t)(stop - token)) : NULL;
    if (!dot) return false;
    int length = snprintf(expected, sizeof expected, "{\"sub\":\"id-user-%ld\"", number);
    return encodes(dot + 1, (size_t)(stop - dot - 1), expected, (size_t)length);
}

/* ---- requests ---- */
static void lose(struct connection *c, enum state state) {
    for (int i = 0; i < DEPTH; i++) {
        if (c->flights[i].number < 0) continue;
        states[c->flights[i].number] = (uint8_t)state;
        c->flights[i].number = -1;
    }
    close(c->descriptor);
    c->descriptor = -1;
    c->in_flight = 0;
    c->in_count = c->out_count = c->out_sent = 0;
    c->to_cancel = -1;
    c->again = now_ms() + RETRY_MS;
    losses++;
}

static void add_cancel(struct connection *c, long number) {
    c->out_count += (size_t)sprintf(c->out + c->out_count, "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancel\",\"params\":{\"id\":%ld}}\n", number);
    cancels++;
}

static void add_requests(struct connection *c) {
    if (c->out_sent < c->out_count) return;
    c->out_count = c->out_sent = 0;
    uint64_t now = now_ms();
    for (int i = 0; i < DEPTH && next_user < total && !is_told_to_end; i++) {
        if (c->flights[i].number >= 0) continue;
        long number = next_user++;
        unsigned kind = (unsigned)(mixed(seed ^ 0xca11, (uint64_t)number) % 10000);
        unsigned deadline = kind < LONG ? LONG_MS : kind < LONG + SHORT ? 1 + kind % SHORT_MS : USUAL_MS;
        kind -= kind < LONG + SHORT ? kind : LONG + SHORT;
        c->flights[i] = (struct flight){.number = number, .until = now + deadline + LATE_MS};
        c->in_flight++;
        states[number] = IN_FLIGHT;
        if (c->to_cancel >= 0) add_cancel(c, c->to_cancel);
        c->to_cancel = -1;
        c->out_count += (size_t)snprintf(
            c->out + c->out_count, LINE,
            "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"password.authenticate\",\"params\":{\"username\":\"user-%ld\","
            "\"password\":\"correct horse battery staple\",\"username_type\":\"username\",\"meta\":{\"deadline_ms\":%u}}}\n",
            number, number, deadline);
        if (kind > 0 && kind <= CANCELLED_NOW) add_cancel(c, number);
        else if (kind > CANCELLED_NOW && kind <= CANCELLED_NOW + CANCELLED_LATER) c->to_cancel = number;
    }
}

static void watch(struct connection *c, uint32_t events) {
    if (c->events == events) return;
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->descriptor, &event);
    c->events = events;
}

static void write_on(struct connection *c) {
    if (!c->is_ending) add_requests(c);
    while (c->out_sent < c->out_count) {
        ssize_t count = send(c->descriptor, c->out + c->out_sent, c->out_count - c->out_sent, MSG_NOSIGNAL);
        if (count < 0) {
            /* The agent is gone; what it had written is still read, up to the end. */
            if (errno != EAGAIN && errno != EINTR) c->out_sent = c->out_count = 0;
            break;
        }
        c->out_sent += (size_t)count;
    }
    if (c->out_sent == c->out_count && !c->in_flight && !c->is_ending && next_user == total) {
        c->is_ending = true;
        shutdown(c->descriptor, SHUT_WR);
    }
    watch(c, EPOLLIN | (c->out_sent < c->out_count ? EPOLLOUT : 0));
}

static enum state state_of_error(const char *text, size_t count, long number) {
    if (has(text, count, "\"kind\":\"deadline_exceeded\"")) deadlines++;
    if (has(text, count, "\"outcome\":\"not_sent\"")) return TOLD_NOT_SENT;
    if (has(text, count, "\"outcome\":\"refused\"")) return TOLD_REFUSED;
    if (has(text, count, "\"outcome\":\"unknown\"")) return TOLD_UNKNOWN;
    found(NO_OUTCOME, number, text, count);
    return TOLD_NOTHING;
}

/* Takes an answer, a line without its end. */
static void take(struct connection *c, const char *line, size_t count) {
    static const char start[] = "{\"jsonrpc\":\"2.0\",\"id\":";
    const size_t begin = sizeof start - 1;
    char *rest = NULL;
    long number = -1;
    if (count > begin + 1 && !memcmp(line, start, begin) && line[begin] >= '0' && line[begin] <= '9') number = strtol(line + begin, &rest, 10);
    if (number < 0) return found(UNKNOWN_ID, -1, line, count);
    if (*rest != ',' || line[count - 1] != '}') return found(UNREADABLE, number, line, count);
    int at = 0;
    while (at < DEPTH && c->flights[at].number != number) at++;
    if (at == DEPTH) return found(number < total && states[number] > IN_FLIGHT ? SECOND_ANSWER : UNKNOWN_ID, number, line, count);
    c->flights[at].number = -1;
    c->in_flight--;
    enum state state;
    const char *body = rest + 1;
    size_t body_count = (size_t)(line + count - body);
    bool is_error = body_count > 8 && !memcmp(body, "\"error\":", 8), is_result = body_count > 9 && !memcmp(body, "\"result\":", 9);
    if (is_error) state = state_of_error(body, body_count, number);
    else if (is_result && has(body, body_count, "\"verdict\":\"granted\"")) state = TOLD_GRANTED;
    else if (is_result && has(body, body_count, "\"verdict\":\"denied\"")) state = TOLD_DENIED;
    else return states[number] = TOLD_NOTHING, found(UNREADABLE, number, line, count);
    states[number] = (uint8_t)state;
    if (state == TOLD_GRANTED && !has_tokens(number, body, body_count)) found(OTHER_TOKENS, number, line, count);
}

static void read_on(struct connection *c) {
    for (;;) {
        ssize_t count = recv(c->descriptor, c->in + c->in_count, INPUT - c->in_count, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count <= 0) {
            /* A line that was cut off is no answer. */
            lose(c, CLOSED);
            return;
        }
        c->in_count += (size_t)count;
        char *line = c->in, *stop = c->in + c->in_count, *feed;
        while ((feed = memchr(line, '\n', (size_t)(stop - line)))) {
            take(c, line, (size_t)(feed - line));
            line = feed + 1;
            if ((mixed(seed ^ 0xd509, draws++) % 1000000) < DROPPED && c->in_flight && !c->is_ending) {
                lose(c, DROPPED_BY_US);
                return;
            }
        }
        c->in_count = (size_t)(stop - line);
        memmove(c->in, line, c->in_count);
        if (c->in_count == INPUT) {
            found(UNREADABLE, -1, c->in, c->in_count);
            c->in_count = 0;
        }
    }
    write_on(c);
}

static void open_connection(struct connection *c) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    c->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->descriptor < 0 || connect(c->descriptor, (struct sockaddr *)&address, sizeof address)) {
        if (c->descriptor >= 0) close(c->descriptor);
        c->descriptor = -1;
        c->again = now_ms() + RETRY_MS;
        return;
    }
    connects++;
    c->events = EPOLLIN;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->descriptor, &event);
    write_on(c);
}

/* Holds what was told against what was seen, user by user. */
static void check(const unsigned long *ended) {
    unsigned long told = 0;
    for (int state = TOLD_GRANTED; state < STATES; state++) told += ended[state];
    if (told != (unsigned long)next_user) found(DO_NOT_ADD_UP, next_user, "", 0);
    for (long number = 0; number < total; number++) {
        const struct note *note = &notes[number];
        int answered = note->answered - 1, came = note->received + note->begun;
        switch ((enum state)states[number]) {
        case UNSENT:
            if (came) found(NEVER_SENT, number, "", 0);
            break;
        case TOLD_GRANTED:
            if (answered != GRANTED) found(GRANTED_WRONGLY, number, "", 0);
            break;
        case TOLD_DENIED:
            if (answered != REFUSED) found(DENIED_WRONGLY, number, "", 0);
            break;
        case TOLD_NOT_SENT:
            if (came) found(SENT_AFTER_ALL, number, "", 0);
            break;
        case TOLD_REFUSED:
            if (answered < REFUSED || answered > TOKEN_DOUBTED) found(NOT_REFUSED, number, "", 0);
            break;
        default:
            break;
        }
        /* A 401 that doubts the agent's token allows one more. */
        if (came > 1 && !(came == 2 && note->repeated == 1 && fate_of(seed, (uint64_t)number) == TOKEN_DOUBTED)) found(RECEIVED_TWICE, number, "", 0);
    }
}

int main(int count, char **words) {
    size_t connections = 96;
    const char *record = NULL;
    if (count < 2) return 64;
    path = words[1];
    for (int i = 2; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--count")) total = strtol(words[i + 1], NULL, 10);
        else if (!strcmp(words[i], "--record")) record = words[i + 1];
        else if (!strcmp(words[i], "--seed")) seed = strtoul(words[i + 1], NULL, 10);
        else if (!strcmp(words[i], "--connections")) connections = strtoul(words[i + 1], NULL, 10);
        else return 64;
    }
    if (total <= 0 || !record) return 64;
    int file = open(record, O_RDONLY | O_CLOEXEC);
    size_t size = (size_t)total * sizeof *notes;
    struct stat status;
    if (file < 0 || fstat(file, &status) || (size_t)status.st_size < size || (notes = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0)) == MAP_FAILED) {
        perror("account: --record");
        return 1;
    }
    states = calloc((size_t)total, 1);
    struct connection *all = calloc(connections, sizeof *all);
    if (!states || !all) abort();
    signal(SIGTERM, end);
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < connections; i++) {
        all[i].descriptor = all[i].to_cancel = -1;
        for (int j = 0; j < DEPTH; j++) all[i].flights[j].number = -1;
    }
    uint64_t start = now_ms(), looked = start;
    for (bool is_over = false; !is_over;) {
        uint64_t now = now_ms();
        bool is_missing = false;
        is_over = true;
        for (size_t i = 0; i < connections; i++) {
            struct connection *c = &all[i];
            bool has_more = next_user < total && !is_told_to_end;
            if (c->descriptor < 0 && has_more && now >= c->again) open_connection(c);
            if (c->descriptor < 0 && has_more) is_missing = true;
            if (c->descriptor >= 0 && !c->in_flight && !c->is_ending && !has_more) {
                c->is_ending = true;
                shutdown(c->descriptor, SHUT_WR);
            }
            if (c->descriptor >= 0 || has_more) is_over = false;
            if (now < looked + 1000 || c->descriptor < 0) continue;
            for (int j = 0; j < DEPTH; j++) {
                if (c->flights[j].number < 0 || now < c->flights[j].until) continue;
                found(OVERDUE, c->flights[j].number, "", 0);
                lose(c, CLOSED);
                break;
            }
        }
        if (now >= looked + 1000) looked = now;
        struct epoll_event events[256];
        int happened = epoll_wait(poller, events, 256, is_missing ? 2 : 100);
        for (int i = 0; i < happened; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->descriptor < 0) continue;
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_on(c);
            if (c->descriptor >= 0 && (events[i].events & EPOLLOUT)) write_on(c);
        }
    }
    double took = (double)(now_ms() - start) / 1000;
    unsigned long ended[STATES] = {0}, fates[FATES] = {0}, received = 0, begun = 0, repeated = 0, cautious = 0, wrong = 0;
    for (long number = 0; number < total; number++) ended[states[number]]++;
    check(ended);
    for (long number = 0; number < total; number++) {
        const struct note *note = &notes[number];
        received += note->received;
        begun += note->begun;
        repeated += note->repeated;
        if (note->received) fates[fate_of(seed, (uint64_t)number)]++;
        if (states[number] == TOLD_UNKNOWN && !note->received) cautious++;
    }
    printf("{\"sent\":%ld,\"seconds\":%.1f,\"connects\":%lu,\"losses\":%lu,\"cancels\":%lu,\"deadlines\":%lu", next_user, took, connects, losses, cancels, deadlines);
    for (int state = TOLD_GRANTED; state < STATES; state++) printf(",\"%s\":%lu", state_names[state], ended[state]);
    printf(",\"received\":%lu,\"begun\":%lu,\"repeated\":%lu,\"unknown_unseen\":%lu,\"fates\":[", received, begun, repeated, cautious);
    for (int fate = 0; fate < FATES; fate++) printf("%s%lu", fate ? "," : "", fates[fate]);
    printf("],\"faults\":{");
    const char *comma = "";
    for (int fault = 0; fault < FAULTS; fault++) {
        if (!faults[fault]) continue;
        printf("%s\"%s\":%lu", comma, fault_names[fault], faults[fault]);
        comma = ",";
        wrong += faults[fault];
    }
    printf("}}\n");
    return wrong ? 1 : 0;
}
