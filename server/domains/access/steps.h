/* The steps of the access domain, named by the contract's x-steps. Own nothing; see http/request.h. */
#ifndef LINLI_DOMAINS_ACCESS_STEPS_H
#define LINLI_DOMAINS_ACCESS_STEPS_H

#include "core/text.h"
#include "http/request.h"

extern const struct steps steps_login, steps_refresh, steps_logout, steps_me, steps_system;

#endif
