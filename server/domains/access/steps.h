/* The steps of the access domain, named by the contract's x-steps. Own nothing; see http/request.h. */
#ifndef LINLI_DOMAINS_ACCESS_STEPS_H
#define LINLI_DOMAINS_ACCESS_STEPS_H

#include "core/text.h"
#include "http/request.h"

extern const struct steps steps_login, steps_refresh, steps_logout, steps_me, steps_system;
extern const struct steps steps_claim_code, steps_redeem_code, steps_approve_reset, steps_change_password,
    steps_act_for;

#endif
