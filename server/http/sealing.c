#include "http/sealing.h"

static void release_tree(void *tree) {
    json_decref(tree);
}

static const struct schema *schema_of(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->property_count; i++) {
        if (strcmp(schema->properties[i].name, name) == 0) {
            return schema->properties[i].schema;
        }
    }
    return NULL;
}

/* Does any field below ask for a seal? Most bodies have none and are dumped as they are. */
static bool has_seal(const struct schema *schema) {
    if (schema == NULL) {
        return false;
    }
    for (size_t i = 0; i < schema->property_count; i++) {
        if (has_seal(schema->properties[i].schema)) {
            return true;
        }
    }
    return schema->codec.sealed != NULL || (schema->type == VALUE_ARRAY && has_seal(schema->items));
}

struct sealer_context {
    const struct keyring *ring;
    struct arena *arena;
};

static json_t *seal_tree(struct sealer_context context, const struct schema *schema, const json_t *json);

static json_t *seal_object(struct sealer_context context, const struct schema *schema, const json_t *json) {
    json_t *copy = json_object(), *member;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)json, name, member) {
        if (json_object_set_new(copy, name, seal_tree(context, schema_of(schema, name), member)) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

static json_t *seal_array(struct sealer_context context, const struct schema *schema, const json_t *json) {
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(json); i++) {
        if (json_array_append_new(copy, seal_tree(context, schema->items, json_array_get(json, i))) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

/* A new reference, NULL on failure. The depth is bounded by json_in. */
static json_t *seal_tree(struct sealer_context context, const struct schema *schema, const json_t *json) {
    if (!has_seal(schema)) {
        return json_incref((json_t *)(uintptr_t)json);
    }
    if (json_is_object(json)) {
        return seal_object(context, schema, json);
    }
    if (json_is_array(json)) {
        return seal_array(context, schema, json);
    }
    if (!json_is_string(json)) {
        return json_incref((json_t *)(uintptr_t)json);
    }
    char *sealed = codec_seal(context.ring, context.arena, schema->codec.sealed, json_string_value(json),
                              json_string_length(json));
    return sealed == NULL ? NULL : json_string(sealed);
}

static struct value dump(struct sealer_context context, const struct schema *schema, const json_t *json) {
    static const struct value failed = {NULL, 0, false};
    json_t *tree = seal_tree(context, schema, json);
    if (tree == NULL || !arena_defer(context.arena, release_tree, tree)) {
        return failed;
    }
    /* Fifteen digits are what a double keeps of a decimal: 110.99 stays 110.99. */
    char *text = json_dumps(tree, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (text == NULL || !arena_defer(context.arena, free, text)) {
        return failed;
    }
    return (struct value){text, strlen(text), true};
}

static struct value of_string(struct sealer_context context, const struct schema *schema,
                              const json_t *json) {
    const char *text = json_string_value(json);
    size_t length = json_string_length(json);
    if (schema != NULL && schema->codec.sealed != NULL) {
        text = codec_seal(context.ring, context.arena, schema->codec.sealed, text, length);
        length = text == NULL ? 0 : strlen(text);
    }
    return (struct value){text, length, text != NULL};
}

struct value sealing_value(const struct keyring *ring, struct arena *arena, const struct schema *schema,
                           const json_t *json) {
    struct sealer_context context = {ring, arena};
    if (json == NULL || json_is_null(json)) {
        return (struct value){NULL, 0, true};
    }
    return json_is_string(json) ? of_string(context, schema, json) : dump(context, schema, json);
}
