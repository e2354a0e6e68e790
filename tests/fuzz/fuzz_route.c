/* Routes: first byte = method, the rest = path. Values are decoded text without surprises, whatever comes in.
 */
#include <string.h>
#include "core/contract.h"
#include "core/text.h"
#include "fuzz.h"
#include "http/route.h"

static void check_value(const struct route_match *match, struct text value) {
    FUZZ_EXPECT(value.bytes >= match->storage &&
                value.bytes + value.length < match->storage + sizeof match->storage);
    FUZZ_EXPECT(value.length > 0 && value.bytes[value.length] == '\0');
    FUZZ_EXPECT(text_check_utf8(value.bytes, value.length));
    FUZZ_EXPECT(!text_is(value, ".") && !text_is(value, ".."));
    for (size_t i = 0; i < value.length; i++)
        FUZZ_EXPECT((unsigned char)value.bytes[i] >= 0x20 && value.bytes[i] != 0x7f);
}

static void check_found(const struct route_match *match, enum http_method method) {
    FUZZ_EXPECT(match->operation && match->operation->method == method);
    FUZZ_EXPECT(match->methods & 1u << method);
    FUZZ_EXPECT(match->count <= ROUTE_VALUES_MAX);
    for (size_t i = 0; i < match->count; i++)
        check_value(match, match->values[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct route_match match;
    if (!size)
        return 0;
    enum http_method method = (enum http_method)(data[0] % (METHOD_COUNT + 1));
    const char *path = (const char *)data + 1;
    enum route_result result = route_find(method, path, size - 1, &match);
    if (result == ROUTE_FOUND)
        check_found(&match, method);
    else
        FUZZ_EXPECT(!match.operation);
    if (result == ROUTE_NOT_FOUND)
        FUZZ_EXPECT(match.methods == 0);
    if (result == ROUTE_WRONG_METHOD)
        FUZZ_EXPECT(match.methods != 0 && (method == METHOD_COUNT || !(match.methods & 1u << method)));
    return 0;
}
