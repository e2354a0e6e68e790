/* What is not the API: health, documents, the site. GET and HEAD only, from memory, without a token. */
#include "core/config.h"
#include "http/conditional.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "http/negotiate.h"

/* No inline script or style anywhere; kits load icon fonts as data. */
#define SITE_CSP                                                                                             \
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri "    \
    "'none'; "                                                                                               \
    "form-action 'self'; frame-ancestors 'none'"

static void answer_health(struct request *request) {
    reply_text(request, 200, "application/json", "{\"status\":\"ok\"}");
}

static void answer_ready(struct request *request) {
    if (lanes_up(request->loop->lanes)) {
        reply_text(request, 200, "application/json", "{\"status\":\"ready\"}");
    } else {
        problem_reply_named(request, "unavailable");
    }
}

static void answer_contract(struct request *request) {
    reply_lasting(request, 200, "application/json",
                  (struct text){(const char *)contract_openapi_json, contract_openapi_json_size});
    request->reply.cache = "no-cache";
}

static void answer_problems(struct request *request) {
    reply_lasting(request, 200, "text/html; charset=utf-8",
                  (struct text){(const char *)contract_problems_html, contract_problems_html_size});
    request->reply.csp = SITE_CSP;
    request->reply.cache = "no-cache";
}

static void answer_docs(struct request *request) {
    reply_status(request, 308);
    request_add_header(request, "Location", "/docs/");
}

static const struct endpoint {
    const char *path;
    void (*answer)(struct request *request);
} endpoints[] = {
    {"/healthz", answer_health}, {"/readyz", answer_ready},           {"/openapi.json", answer_contract},
    {"/docs", answer_docs},      {"/docs/problems", answer_problems},
};

static void answer_asset(struct request *request, const struct asset *asset) {
    static const char *const codings[ASSET_FORMS] = {NULL, "br", "gzip"};
    enum asset_form form = site_form(asset, exchange_header(request, "Accept-Encoding"));
    struct reply *reply = &request->reply;
    reply->csp = SITE_CSP;
    reply->cache = asset->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    request_add_header(request, "ETag", asset->etag);
    request_add_header(request, "Vary", "Accept-Encoding");
    if (conditional_matches(exchange_header(request, "If-None-Match"), asset->etag)) {
        reply_status(request, 304);
        return;
    }
    reply_lasting(request, 200, asset->type, asset->forms[form]);
    if (codings[form] != NULL) {
        request_add_header(request, "Content-Encoding", codings[form]);
    }
}

/* A page of the single-page application: no file of that name, and a person navigates there. */
static bool is_navigation(const struct request *request, struct text path) {
    const char *last = memrchr(path.bytes, '/', path.length);
    size_t rest = path.length - (size_t)(last - path.bytes);
    return memchr(last, '.', rest) == NULL && negotiate_wants_html(exchange_header(request, "Accept")) &&
           !text_starts_with(path, "/api/") && !text_starts_with(path, "/docs/");
}

static void answer_site(struct request *request, struct text path) {
    const struct site *site = request->loop->server->site;
    const struct asset *asset = site_find(site, path);
    if (asset == NULL && is_navigation(request, path)) {
        asset = site_find(site, text_of("/"));
    }
    if (asset != NULL) {
        answer_asset(request, asset);
    } else {
        problem_reply_named(request, "not_found");
    }
}

static bool decode_path(struct request *request, struct text *path) {
    char *decoded = arena_alloc(request->arena, request->path.length + 1);
    path->bytes = decoded;
    return decoded != NULL &&
           text_decode_percent(decoded, &path->length, request->path.bytes, request->path.length, false);
}

void endpoints_answer(struct request *request) {
    struct text path;
    if (request->verb != VERB_GET && request->verb != VERB_HEAD) {
        problem_reply_named(request, "method_not_allowed");
        request_add_header(request, "Allow", "GET, HEAD");
        return;
    }
    if (!decode_path(request, &path)) {
        problem_reply_named(request, "bad_request");
        return;
    }
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        if (text_is(path, endpoints[i].path)) {
            endpoints[i].answer(request);
            return;
        }
    }
    answer_site(request, path);
}
