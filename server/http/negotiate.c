#include "http/negotiate.h"

#include "core/text.h"

#define WEIGHT_MAX 1000

/* `;q=0.8` among the parameters → 800; none → 1000; malformed → 0. */
static int read_weight(struct text parameters) {
    struct text part;
    while (text_split(&parameters, ';', &part)) {
        part = text_trim(part);
        if (part.length < 3 || (part.bytes[0] | 0x20) != 'q' || part.bytes[1] != '=') {
            continue;
        }
        int weight = 0, scale = WEIGHT_MAX;
        for (size_t i = 2; i < part.length; i++) {
            if (part.bytes[i] == '.') {
                continue;
            }
            if (part.bytes[i] < '0' || part.bytes[i] > '9') {
                return 0;
            }
            weight += (part.bytes[i] - '0') * scale;
            scale /= 10;
        }
        return weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
    }
    return WEIGHT_MAX;
}

/* One element of a comma-separated list: its name and weight. */
static bool next_choice(struct text *rest, struct text *name, int *weight) {
    struct text part;
    if (!text_split(rest, ',', &part)) {
        return false;
    }
    struct text parameters = part;
    text_split(&parameters, ';', name);
    *name = text_trim(*name);
    *weight = parameters.bytes == NULL ? WEIGHT_MAX : read_weight(parameters);
    return true;
}

static bool is_language(struct text name, const char *language) {
    size_t length = strlen(language);
    return name.length >= length && text_is_ignoring_case((struct text){name.bytes, length}, language) &&
           (name.length == length || name.bytes[length] == '-');
}

enum language negotiate_language(const char *accept_language) {
    struct text rest = text_of(accept_language), name;
    int weight, zh = 0, en = 0;
    while (rest.bytes != NULL && rest.length > 0 && next_choice(&rest, &name, &weight)) {
        zh = is_language(name, "zh") && weight > zh ? weight : zh;
        en = is_language(name, "en") && weight > en ? weight : en;
    }
    return en > zh ? LANGUAGE_EN : LANGUAGE_ZH;
}

/* 3: named exactly; 2: its kind (application/ *); 1: everything; 0: not at all. */
static int type_precision(struct text range, const char *type) {
    size_t kind = (size_t)(strchr(type, '/') - type) + 1;
    if (text_is_ignoring_case(range, type)) {
        return 3;
    }
    if (range.length == kind + 1 && range.bytes[kind] == '*' && strncasecmp(range.bytes, type, kind) == 0) {
        return 2;
    }
    return text_is(range, "*/*") || text_is(range, "*") ? 1 : 0;
}

int negotiate_quality(const char *accept, const char *type) {
    struct text rest = text_of(accept), name;
    int weight, best = 0, admitted = 0;
    if (rest.length == 0) {
        return WEIGHT_MAX;
    }
    while (next_choice(&rest, &name, &weight)) {
        int precision = type_precision(name, type);
        if (precision > best) {
            best = precision;
            admitted = weight;
        }
    }
    return best > 0 ? admitted : 0;
}

bool negotiate_type(const char *accept, const char *type) {
    return negotiate_quality(accept, type) > 0;
}

bool negotiate_wants_html(const char *accept) {
    struct text rest = text_of(accept), name;
    int weight;
    while (rest.bytes != NULL && rest.length > 0 && next_choice(&rest, &name, &weight)) {
        if (text_is_ignoring_case(name, "text/html") && weight > 0) {
            return true;
        }
    }
    return false;
}

bool negotiate_coding(const char *accept_encoding, const char *coding) {
    struct text rest = text_of(accept_encoding), name;
    int weight;
    while (rest.bytes != NULL && rest.length > 0 && next_choice(&rest, &name, &weight)) {
        if (text_is_ignoring_case(name, coding)) {
            return weight > 0;
        }
    }
    return false;
}

bool negotiate_is_type(const char *content_type, const char *type) {
    struct text rest = text_of(content_type), name, parameter;
    if (!text_split(&rest, ';', &name) || !text_is_ignoring_case(text_trim(name), type)) {
        return false;
    }
    while (rest.bytes != NULL && text_split(&rest, ';', &parameter)) {
        parameter = text_trim(parameter);
        if (!text_is_ignoring_case(parameter, "charset=utf-8") &&
            !text_is_ignoring_case(parameter, "charset=\"utf-8\"")) {
            return false;
        }
    }
    return true;
}
