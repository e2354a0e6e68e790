/* What a person reads about a wrong field, in two languages. */
#include "http/validate.h"

#include "json/json_out.h"

/* The bound, kind or choices that were broken follow the message. */
static const struct {
    const char *code;
    const char *message[2];
} codes[FIELD_CODE_COUNT] = {
    [FIELD_REQUIRED] = {"required", {"必须填写", "is required"}},
    [FIELD_UNKNOWN] = {"unknown", {"不认识这一项", "is not known here"}},
    [FIELD_REPEATED] = {"repeated", {"出现了不止一次", "is given more than once"}},
    [FIELD_TYPE] = {"type", {"类型不对，应为", "has the wrong type, expected "}},
    [FIELD_NULL] = {"null", {"不能为空值", "must not be null"}},
    [FIELD_TOO_SHORT] = {"too_short", {"太短，至少字数：", "is too short, fewest characters: "}},
    [FIELD_TOO_LONG] = {"too_long", {"太长，最多字数：", "is too long, most characters: "}},
    [FIELD_PATTERN] = {"pattern", {"写法不对", "is not written as it should be"}},
    [FIELD_CHOICE] = {"choice", {"不在可选范围内：", "is none of the choices: "}},
    [FIELD_MINIMUM] = {"minimum", {"不能小于 ", "must not be less than "}},
    [FIELD_MAXIMUM] = {"maximum", {"不能大于 ", "must not be more than "}},
    [FIELD_FORMAT] = {"format", {"格式不对，应为", "has the wrong format, expected "}},
    [FIELD_TOO_FEW] = {"too_few", {"太少，至少项数：", "has too few items, at least: "}},
    [FIELD_TOO_MANY] = {"too_many", {"太多，最多项数：", "has too many items, at most: "}},
    [FIELD_DUPLICATE] = {"duplicate", {"与前面的一项重复", "repeats an earlier item"}},
    [FIELD_INVALID] = {"invalid", {"不是有效的内容", "is not valid"}},
};

static const char *const kinds[][2] = {
    [VALUE_STRING] = {"文字", "text"},
    [VALUE_UUID] = {"编号 (UUID)", "a UUID"},
    [VALUE_DATE] = {"日期（年-月-日）", "a day (YYYY-MM-DD)"},
    [VALUE_TIMESTAMP] = {"时间 (RFC 3339)", "a time (RFC 3339)"},
    [VALUE_INTEGER] = {"整数", "an integer"},
    [VALUE_NUMBER] = {"数值", "a number"},
    [VALUE_BOOLEAN] = {"true 或 false", "true or false"},
    [VALUE_OBJECT] = {"对象", "an object"},
    [VALUE_ARRAY] = {"列表", "a list"},
};

const char *validate_code(enum field_code code) {
    return codes[code].code;
}

static void write_choices(struct buf *out, const struct schema *schema) {
    for (size_t i = 0; schema->choices[i] != NULL; i++) {
        buf_text(out, i == 0 ? "" : ", ");
        buf_text(out, i == 12 ? "…" : schema->choices[i]);
        if (i == 12) {
            return;
        }
    }
}

static const char *const formats[][2] = {
    [TEXT_FORMAT_EMAIL] = {"电子邮箱", "an e-mail address"},
    [TEXT_FORMAT_CN_ID_NUMBER] = {"居民身份证号", "a resident identity number"},
};

/* What the lead of the message leaves open: the bound, the kind, the choices. */
static void write_rest(struct buf *out, enum field_code code, const struct schema *schema,
                       enum language language) {
    switch (code) {
    case FIELD_FORMAT:
        buf_text(out, schema->format == TEXT_FORMAT_NONE ? kinds[schema->type][language]
                                                         : formats[schema->format][language]);
        break;
    case FIELD_TYPE:
        buf_text(out, kinds[schema->type][language]);
        break;
    case FIELD_CHOICE:
        write_choices(out, schema);
        break;
    case FIELD_TOO_SHORT:
    case FIELD_TOO_LONG:
        buf_integer(out, code == FIELD_TOO_SHORT ? schema->min_length : schema->max_length);
        break;
    case FIELD_MINIMUM:
    case FIELD_MAXIMUM:
        buf_integer(out, code == FIELD_MINIMUM ? schema->minimum : schema->maximum);
        break;
    case FIELD_TOO_FEW:
    case FIELD_TOO_MANY:
        buf_integer(out, code == FIELD_TOO_FEW ? schema->min_items : schema->max_items);
        break;
    default:
        break;
    }
}

/* An error without a schema broke no rule that could be quoted. */
static bool quotes_rule(enum field_code code) {
    return code != FIELD_REQUIRED && code != FIELD_UNKNOWN && code != FIELD_REPEATED && code != FIELD_NULL;
}

static void write_message(struct buf *out, const struct field_error *error, enum language language) {
    struct buf text;
    enum field_code code = error->schema == NULL && quotes_rule(error->code) ? FIELD_INVALID : error->code;
    buf_init(&text, 1024);
    buf_text(&text, codes[code].message[language]);
    if (error->schema != NULL) {
        write_rest(&text, code, error->schema, language);
    }
    json_out_text(out, buf_failed(&text) ? codes[code].message[language] : text.data);
    buf_free(&text);
}

void field_errors_write(struct buf *out, const struct field_errors *errors, enum language language) {
    buf_char(out, '[');
    for (size_t i = 0; i < errors->count; i++) {
        const struct field_error *error = &errors->items[i];
        buf_text(out, i == 0 ? "{" : ",{");
        buf_text(out, error->pointer != NULL ? "\"pointer\":" : "\"parameter\":");
        json_out_text(out, error->pointer != NULL ? error->pointer : error->parameter);
        buf_text(out, ",\"code\":");
        json_out_text(out, codes[error->code].code);
        buf_text(out, ",\"message\":");
        write_message(out, error, language);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}
