/* Bodies: whatever comes in, the limits hold, and what was read can be written and read again. */
#include <string.h>
#include "core/text.h"
#include "fuzz.h"
#include "json/json_in.h"
#include "json/json_out.h"

static const struct json_in_limits limits = {8, 200};

static void check_string(const char *bytes, size_t length) {
    struct buf out;
    FUZZ_EXPECT(text_check_utf8(bytes, length));
    FUZZ_EXPECT(length == 0 || !memchr(bytes, '\0', length));
    buf_init(&out, 1 << 20);
    json_out_string(&out, bytes, length);
    json_t *back = json_loadb(out.data, out.length, JSON_DECODE_ANY, NULL);
    FUZZ_EXPECT(back && json_string_length(back) == length);
    FUZZ_EXPECT(length == 0 || memcmp(json_string_value(back), bytes, length) == 0);
    json_decref(back);
    buf_free(&out);
}

static unsigned check_value(const json_t *value, unsigned depth) {
    unsigned nodes = 1;
    const char *key;
    json_t *member;
    size_t index;
    if (json_is_object(value) || json_is_array(value))
        FUZZ_EXPECT(depth < limits.depth);
    if (json_is_string(value))
        check_string(json_string_value(value), json_string_length(value));
    json_array_foreach(value, index, member) nodes += check_value(member, depth + 1);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) {
        check_string(key, strlen(key));
        nodes += check_value(member, depth + 1);
    }
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) {
        json_in_setup();
        ready = true;
    }
    struct arena *arena = arena_create(1 << 20);
    json_t *tree = NULL;
    size_t position = 0;
    enum json_in_error error = json_in_parse(arena, (const char *)data, size, limits, &tree, &position);
    FUZZ_EXPECT((error == JSON_IN_OK) == (tree != NULL));
    FUZZ_EXPECT(error != JSON_IN_MEMORY || size > 100000);
    FUZZ_EXPECT(position <= size);
    if (tree)
        FUZZ_EXPECT(check_value(tree, 0) <= limits.nodes);
    arena_destroy(arena);
    return 0;
}
