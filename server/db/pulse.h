/* The pulse: does a silent database still live? One more connection of a loop, for nothing else.
 *
 * Owned by the lanes, used on their thread alone. While some call waits and nobody has heard from the
 * database for a moment, the pulse asks something that any living server answers at once. A long statement on
 * a living database is therefore never cut; when the pulse's own question is left unanswered too, the
 * database is lost (stopped, frozen, or behind a dead network), long before a statement's time is over. Where
 * the pulse cannot even connect, nothing is concluded from it. Silence counts only while this process was
 * listening.
 */
#ifndef LINLI_DB_PULSE_H
#define LINLI_DB_PULSE_H

#include "db/conn.h"

struct pulse {
    struct conn conn;
    struct call call;
    struct arena *arena; /* of what the database says to the question */
    struct call_list finished, again;
    uint64_t asked_ns; /* since when the question is unanswered by anybody; 0: nothing is asked */
    uint64_t due_ns;   /* when it will be asked; UINT64_MAX: not */
    uint64_t ticked_ns;
};

/* `settings` as of the read lane; the lists are the pulse's own. false: no memory. */
bool pulse_init(struct pulse *pulse, struct arena *arena, const struct conn_settings *settings);
void pulse_close(struct pulse *pulse, uint64_t now_ns);
/* silent_ns: since when a call waits without a word from its connection, UINT64_MAX when none does; heard_ns:
 * when any connection last heard something. true: the database is lost. */
bool pulse_tick(struct pulse *pulse, uint64_t silent_ns, uint64_t heard_ns, uint64_t now_ns);
/* When it wants to be called again, at the latest. */
uint64_t pulse_next_ns(const struct pulse *pulse);

/* Together below the 3 s within which a waiting request must have its 503. */
#define PULSE_PATIENCE_NS UINT64_C(500000000)
#define PULSE_ANSWER_NS UINT64_C(2200000000)

#endif
