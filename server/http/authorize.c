#include "auth/token_cache.h"
#include "core/clock.h"
#include "core/controls.h"
#include "http/exchange.h"
#include "http/loop.h"

static bool read_bearer(const char *header, struct text *token) {
    static const char scheme[] = "Bearer ";
    size_t length = sizeof scheme - 1;
    if (header == NULL || strncasecmp(header, scheme, length) != 0) {
        return false;
    }
    *token = text_of(header + length);
    return token->length > 0 && token->length <= TOKEN_LENGTH_MAX;
}

/* A token that is offered must be good even where none is needed: a client that sends a bad one should learn
 * it, but logging in or refreshing with a spent token at hand must work. */
const struct problem *authorize_token(struct request *request) {
    const struct operation *operation = request->operation;
    struct text token;
    if (operation->gate == GATE_ANYONE) {
        return NULL;
    }
    request->signed_in = read_bearer(exchange_header(request, "Authorization"), &token) &&
                         token_cache_verify(request->loop->tokens, request->arena, token.bytes, token.length,
                                            clock_wall_us() / 1000000, &request->claims);
    return request->signed_in ? NULL : contract_find_problem("unauthenticated");
}

bool authorize_role(const struct operation *operation, const struct principal *principal) {
    switch (operation->gate) {
    case GATE_ANYONE:
        return true;
    case GATE_AUTHENTICATED:
        return principal->person_id != NULL;
    case GATE_ROLES:
        return (operation->roles & principal->roles) != 0 || controls_break("application");
    }
    return false;
}
