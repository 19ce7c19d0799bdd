/* What the stand-in for Mosaic notes of each user of an accounting run, in a file that it shares with `account`. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of a login of the user with this number; the same in both programs. */
enum fate {
    GRANTED,       /* 200 with the user's tokens */
    REFUSED,       /* 401: the password is wrong */
    LIMITED,       /* 429 */
    UNAVAILABLE,   /* 503 */
    TOKEN_DOUBTED, /* 401: the agent's access token is no good; 200 when it comes again */
    CUT_BEFORE,    /* the connection is reset when the request was read */
    CUT_WITHIN,    /* the connection is reset in the middle of the answer */
    STALLED,       /* no answer */
    FATES
};

/* Of ten thousand users; the others are granted. */
static const unsigned shares[FATES] = {
    [REFUSED] = 100, [LIMITED] = 30, [UNAVAILABLE] = 30, [TOKEN_DOUBTED] = 2, [CUT_BEFORE] = 30, [CUT_WITHIN] = 30, [STALLED] = 10,
};

struct note {
    uint8_t received; /* logins whose whole body has come */
    uint8_t begun;    /* those of which a part with the username has come, and no more */
    uint8_t answered; /* the answer's status is under way: its fate and 1, 0 for none */
    uint8_t repeated; /* logins after a 401 that allows one more */
};

/* splitmix64: numbers that look random, the same for the same seed. */
static inline uint64_t mixed(uint64_t seed, uint64_t number) {
    uint64_t z = seed * 0xd1342543de82ef95u + (number + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline enum fate fate_of(uint64_t seed, uint64_t number) {
    unsigned at = (unsigned)(mixed(seed, number) % 10000);
    for (int fate = REFUSED; fate < FATES; fate++) {
        if (at < shares[fate]) return (enum fate)fate;
        at -= shares[fate];
    }
    return GRANTED;
}

/* The number of the user "user-<number>" whose name begins here; -1 for another user. */
static inline long user_number(const char *name, size_t room) {
    if (room < 6 || memcmp(name, "user-", 5)) return -1;
    long number = 0;
    size_t at = 5;
    for (; at < room && at < 15 && name[at] >= '0' && name[at] <= '9'; at++) number = 10 * number + (name[at] - '0');
    return at > 5 && at < room && name[at] == '"' ? number : -1;
}
