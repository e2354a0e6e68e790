/* The online secret ballot: making a round's key, signing blinded tokens, admitting signed ones. What is
 * decided (whose turn, how many choices, one ballot a token) is the database's; here it is only calculated.
 */
#include "domains/groups/steps.h"
#include "seal/ballot_key.h"
#include "seal/digest.h"

#define KEY_LABEL "election_key.private"

static const char *text_of_cell(struct request *request, struct cell cell) {
    return cell.text == NULL ? NULL : arena_copy(request_arena(request), cell.text, cell.length);
}

static enum step_result broken(struct request *request) {
    return request_problem(request, "internal_error", NULL);
}

/* `\x…`, as the database reads bytes. */
static const char *bytea(struct request *request, const unsigned char *bytes, size_t length) {
    char *text = arena_alloc(request_arena(request), 2 * length + 3);
    if (text != NULL) {
        text[0] = '\\';
        text[1] = 'x';
        text_write_hex(text + 2, bytes, length);
    }
    return text;
}

static enum step_result reply_text_member(struct request *request, unsigned status, const char *name,
                                          const char *value) {
    return value == NULL
               ? broken(request)
               : request_reply_json(request, status,
                                    arena_format(request_arena(request), "{\"%s\":\"%s\"}", name, value));
}

/* ── the key of a round ── */

struct key_job {
    struct arena *arena; /* the request's, which waits meanwhile */
    struct ballot_key_pair pair;
    bool made;
};

static void make_key(void *data) {
    struct key_job *job = data;
    job->made = ballot_key_create(job->arena, &job->pair);
}

static enum step_result key_make(struct request *request) {
    struct key_job *job = arena_alloc(request_arena(request), sizeof *job);
    if (job == NULL) {
        return broken(request);
    }
    *job = (struct key_job){.arena = request_arena(request)};
    return request_calculate(request, make_key, job);
}

static enum step_result key_keep(struct request *request) {
    struct key_job *job = request_calculated(request);
    if (!job->made) {
        return broken(request);
    }
    request_set(request, "public_key", job->pair.public_text);
    request_set(request, "private_sealed",
                request_seal(request, request_arena(request), KEY_LABEL, (const char *)job->pair.private_der,
                             job->pair.private_length));
    ballot_key_wipe(&job->pair);
    return request_add_statement(request, "createElectionKey/keep") ? STEP_CALL : STEP_REPLY;
}

static enum step_result key_reply(struct request *request) {
    const struct call_result *kept = request_result(request, "createElectionKey/keep");
    const char *round = text_of_cell(request, result_named(kept, 0, "round"));
    const char *key = text_of_cell(request, result_named(kept, 0, "public_key"));
    return key == NULL || round == NULL
               ? broken(request)
               : request_reply_json(request, 201,
                                    arena_format(request_arena(request),
                                                 "{\"public_key\":\"%s\",\"round\":%s}", key, round));
}

const struct steps steps_election_key = {
    .name = "election_key",
    .functions = (const step_function[]){key_make, key_keep, key_reply, NULL},
};

/* ── a voter's token, blinded ── */

struct sign_job {
    struct text private_der;
    unsigned char blinded[BALLOT_KEY_BYTES], signature[BALLOT_KEY_BYTES];
    bool made;
};

static void sign(void *data) {
    struct sign_job *job = data;
    job->made = ballot_key_sign(job->private_der, job->blinded, job->signature);
}

static enum step_result token_take(struct request *request) {
    struct value blinded = request_member(request, "blinded");
    struct text part = {blinded.text, blinded.length};
    request_set(request, "digest", digest_bytea(request_arena(request), &part, 1));
    return request_add_statement(request, "issueBallot/take") ? STEP_CALL : STEP_REPLY;
}

static enum step_result token_sign(struct request *request) {
    const struct call_result *taken = request_result(request, "issueBallot/take");
    struct value blinded = request_member(request, "blinded");
    struct sign_job *job = arena_alloc(request_arena(request), sizeof *job);
    struct cell sealed = {NULL, 0};
    if (result_rows(taken) > 0) {
        sealed = result_named(taken, 0, "private_key");
    }
    if (job == NULL || sealed.text == NULL) {
        return broken(request);
    }
    *job = (struct sign_job){.made = false};
    job->private_der.bytes =
        request_open(request, request_arena(request), KEY_LABEL, sealed, &job->private_der.length);
    if (job->private_der.bytes == NULL || !text_read_hex(job->blinded, blinded.text, blinded.length)) {
        return broken(request);
    }
    return request_calculate(request, sign, job);
}

static enum step_result token_reply(struct request *request) {
    struct sign_job *job = request_calculated(request);
    char *hex = arena_alloc(request_arena(request), 2 * BALLOT_KEY_BYTES + 1);
    if (!job->made) {
        return request_problem(request, "blinded_token_wrong", "/blinded");
    }
    if (hex != NULL) {
        text_write_hex(hex, job->signature, BALLOT_KEY_BYTES);
    }
    return reply_text_member(request, 200, "blind_signature", hex);
}

const struct steps steps_ballot_token = {
    .name = "ballot_token",
    .functions = (const step_function[]){token_take, token_sign, token_reply, NULL},
};

/* ── the ballot: from nobody in particular ── */

static enum step_result cast_key(struct request *request) {
    return request_add_statement(request, "castBallot/key") ? STEP_CALL : STEP_REPLY;
}

static enum step_result cast_check(struct request *request) {
    const struct call_result *found = request_result(request, "castBallot/key");
    struct value token = request_member(request, "token"), signature = request_member(request, "signature");
    struct value choices = request_member(request, "choices");
    unsigned char token_bytes[BALLOT_TOKEN_BYTES], signature_bytes[BALLOT_KEY_BYTES], digest[DIGEST_SIZE];
    const char *key =
        result_rows(found) == 0 ? NULL : text_of_cell(request, result_named(found, 0, "public_key"));
    if (key == NULL) {
        return request_problem(request, "not_found", NULL);
    }
    if (!text_read_hex(token_bytes, token.text, token.length) ||
        !text_read_hex(signature_bytes, signature.text, signature.length) ||
        !ballot_key_verify(request_arena(request), key, token_bytes, signature_bytes)) {
        return request_problem(request, "token_not_good", NULL);
    }
    digest_bytes(digest, token_bytes, sizeof token_bytes);
    request_set(request, "digest", bytea(request, digest, sizeof digest));
    request_set(request, "choices", arena_copy(request_arena(request), choices.text, choices.length));
    return request_add_statement(request, "castBallot/cast") ? STEP_CALL : STEP_REPLY;
}

static enum step_result cast_reply(struct request *request) {
    const struct call_result *done = request_result(request, "castBallot/cast");
    return reply_text_member(
        request, 201, "receipt",
        result_rows(done) == 0 ? NULL : text_of_cell(request, result_named(done, 0, "receipt")));
}

const struct steps steps_ballot_cast = {
    .name = "ballot_cast",
    .functions = (const step_function[]){cast_key, cast_check, cast_reply, NULL},
};
