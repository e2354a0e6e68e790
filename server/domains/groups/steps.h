/* The steps of the groups domain, named by the contract's x-steps. Own nothing; see http/request.h. */
#ifndef LINLI_DOMAINS_GROUPS_STEPS_H
#define LINLI_DOMAINS_GROUPS_STEPS_H

#include "core/text.h"
#include "http/request.h"

extern const struct steps steps_election_key, steps_ballot_token, steps_ballot_cast;

#endif
