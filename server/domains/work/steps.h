/* The steps of the work domain, named by the contract's x-steps. Own nothing; see http/request.h. */
#ifndef LINLI_DOMAINS_WORK_STEPS_H
#define LINLI_DOMAINS_WORK_STEPS_H

#include "http/request.h"

extern const struct steps steps_put_blob, steps_get_blob_content;

#endif
