/* What a client accepts: language, media type, content coding. Pure functions over header values; own
 * nothing. */
#ifndef LINLI_HTTP_NEGOTIATE_H
#define LINLI_HTTP_NEGOTIATE_H

#include <stdbool.h>
#include "core/contract.h"

/* NULL header: Chinese. The best-weighted of zh and en; Chinese when neither is named. */
enum language negotiate_language(const char *accept_language);
/* Does Accept admit `type` ("application/json")? NULL header: yes. A q of 0 refuses. */
bool negotiate_type(const char *accept, const char *type);
/* How much, 0 to 1000: of the ranges that fit, the most precise decides. NULL header: 1000. */
int negotiate_quality(const char *accept, const char *type);
/* Is text/html asked for by name (a navigation, not a fetch)? */
bool negotiate_wants_html(const char *accept);
/* Does Accept-Encoding admit `coding` ("br", "gzip") by name? */
bool negotiate_coding(const char *accept_encoding, const char *coding);
/* Is a Content-Type header this media type (parameters other than charset=utf-8 refuse)? */
bool negotiate_is_type(const char *content_type, const char *type);

#endif
