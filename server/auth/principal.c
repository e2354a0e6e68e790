#include "auth/principal.h"

#include <assert.h>
#include "auth/principal_read.h"
#include "core/controls.h"

static bool find_role(struct cell name, uint8_t *index) {
    for (size_t i = 0; i < contract_role_count; i++) {
        if (strlen(contract_roles[i].name) == name.length &&
            memcmp(contract_roles[i].name, name.text, name.length) == 0) {
            *index = (uint8_t)i;
            return true;
        }
    }
    return false; /* a role that this version does not know yet grants nothing here */
}

static const char *copy_cell(struct arena *arena, struct cell cell) {
    return cell.text == NULL || cell.length == 0 ? NULL : arena_copy(arena, cell.text, cell.length);
}

static void read_grant(struct arena *arena, const struct call_result *result, size_t row,
                       struct principal *principal) {
    struct cell role = result_named(result, row, "role");
    struct principal_grant *grant = &principal->grants[principal->grant_count];
    if (role.text == NULL || !find_role(role, &grant->role)) {
        return;
    }
    grant->territory_path = copy_cell(arena, result_named(result, row, "territory_path"));
    grant->leadership_path = copy_cell(arena, result_named(result, row, "leadership_path"));
    principal->roles |= UINT32_C(1) << grant->role;
    principal->grant_count++;
}

bool principal_read(struct arena *arena, const struct call_result *result, const char *session_id,
                    struct principal *principal) {
    *principal = (struct principal){0};
    size_t rows = result_rows(result);
    if (rows == 0) {
        return false;
    }
    principal->person_id = copy_cell(arena, result_named(result, 0, "person_id"));
    principal->session_id = arena_string(arena, session_id);
    principal->agent_id = copy_cell(arena, result_named(result, 0, "agent_id"));
    for (size_t row = 0; row < rows && principal->grant_count < PRINCIPAL_GRANTS_MAX; row++) {
        read_grant(arena, result, row, principal);
    }
    return principal->person_id != NULL && principal->session_id != NULL;
}

bool principal_copy(struct arena *arena, const struct principal *from, struct principal *to) {
    *to = *from;
    to->person_id = arena_string(arena, from->person_id);
    to->session_id = arena_string(arena, from->session_id);
    to->agent_id = from->agent_id == NULL ? NULL : arena_string(arena, from->agent_id);
    for (size_t i = 0; i < from->grant_count; i++) {
        const struct principal_grant *grant = &from->grants[i];
        to->grants[i].territory_path =
            grant->territory_path == NULL ? NULL : arena_string(arena, grant->territory_path);
        to->grants[i].leadership_path =
            grant->leadership_path == NULL ? NULL : arena_string(arena, grant->leadership_path);
    }
    return !arena_exhausted(arena) && to->person_id != NULL && to->session_id != NULL;
}

enum ladder { TERRITORY, LEADERSHIP };

/* Which grants a setting gathers. Residents, volunteers and guardians reach what is their own, never a unit.
 */
struct choice {
    enum ladder ladder;
    uint32_t roles; /* bit per admitted role */
    bool leaders;   /* only roles that reach along the leadership ladder */
    bool files;     /* only roles that reach confidential files */
};

static const char *chosen_path(const struct principal_grant *grant, struct choice choice) {
    const struct role *role = &contract_roles[grant->role];
    bool chosen = role->staff && (choice.roles & (UINT32_C(1) << grant->role)) != 0 &&
                  (!choice.leaders || role->leadership) && (!choice.files || role->files);
    if (!chosen) {
        return NULL;
    }
    return choice.ladder == TERRITORY ? grant->territory_path : grant->leadership_path;
}

/* An ltree[] literal of the chosen roots, "" when there are none. Labels are numbers: nothing needs quoting.
 */
static const char *roots(struct arena *arena, const struct principal *principal, struct choice choice) {
    size_t size = 3;
    for (size_t i = 0; i < principal->grant_count; i++) {
        const char *path = chosen_path(&principal->grants[i], choice);
        size += path == NULL ? 0 : strlen(path) + 1;
    }
    char *text = size == 3 ? "" : arena_alloc(arena, size);
    if (text == NULL || size == 3) {
        return text;
    }
    size_t length = 0;
    for (size_t i = 0; i < principal->grant_count; i++) {
        const char *path = chosen_path(&principal->grants[i], choice);
        if (path != NULL) {
            text[length] = length == 0 ? '{' : ',';
            memcpy(text + length + 1, path, strlen(path));
            length += strlen(path) + 1;
        }
    }
    assert(length + 2 <= size);
    text[length] = '}';
    return text;
}

bool principal_settings(struct arena *arena, const struct principal *principal,
                        const struct operation *operation, const char *request_id,
                        struct call_settings *settings) {
    const uint32_t all = UINT32_MAX, admitted = operation->roles != 0 ? operation->roles : all;
    *settings = (struct call_settings){
        .person = principal->person_id == NULL ? "" : principal->person_id,
        .scope = roots(arena, principal, (struct choice){TERRITORY, admitted, false, false}),
        .scope_lead = roots(arena, principal, (struct choice){LEADERSHIP, admitted, true, false}),
        .paths = roots(arena, principal, (struct choice){TERRITORY, all, false, false}),
        .lead = roots(arena, principal, (struct choice){LEADERSHIP, all, true, false}),
        .files = roots(arena, principal, (struct choice){TERRITORY, all, false, true}),
        .operation = operation->id,
        .request_id = request_id,
        .agent = principal->agent_id,
    };
    if (controls_break("application") || controls_break("scope")) {
        settings->scope = settings->scope_lead = "{\"\"}"; /* the empty path is above all others */
    }
    return settings->scope != NULL && settings->scope_lead != NULL && settings->paths != NULL &&
           settings->lead != NULL && settings->files != NULL;
}
