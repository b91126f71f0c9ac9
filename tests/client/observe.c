#include "tests/client/observe.h"

#include <errno.h>
#include <string.h>

#include "tests/client/context.h"
#include "tests/client/options.h"
#include "tests/client/roads_quic.h"
#include "tests/client/verification.h"

static void put_text(struct report *report, const char *name, const char *text)
{
    report_text(report, name, text, text ? strlen(text) : 0);
}

void observe_before(void)
{
    if (options.stale_errors && api.BIO_new_file("/nonexistent/stale", "r"))
        die("a file that cannot be there is there");
    errno = ERRNO_SENTINEL;
}

static void put_queue(struct report *report)
{
    const char *data, *file;
    unsigned long code;
    int flags, line;

    report_begin(report, "queue", '[');
    while ((code = api.ERR_get_error_line_data(&file, &line, &data, &flags)) != 0) {
        report_begin(report, NULL, '{');
        put_text(report, "lib", api.ERR_lib_error_string(code));
        put_text(report, "reason", api.ERR_reason_error_string(code));
        put_text(report, "data", (flags & ERR_TXT_STRING) ? data : NULL);
        report_end(report, '}');
    }
    report_end(report, ']');
}

void observe_call(struct visit *v, const char *name, SSL *ssl, int result)
{
    int after = errno;

    report_begin(&v->report, name, '{');
    report_number(&v->report, "return", result);
    report_number(&v->report, "error", api.SSL_get_error(ssl, result));
    if (!road_is_quic()) /* there it is the last of many polls and reads, as chance has it */
        report_number(&v->report, "errno", after);
    put_queue(&v->report);
    report_end(&v->report, '}');
}

/* What the program itself has set. */
static void put_settings(struct visit *v)
{
    struct report *r = &v->report;

    report_number(r, "verify_mode", api.SSL_get_verify_mode(v->ssl));
    report_flag(r, "verify_callback_own",
                api.SSL_get_verify_callback(v->ssl) == verification_callback());
    report_number(r, "verify_depth", api.SSL_get_verify_depth(v->ssl));
    report_number(r, "ctx_verify_mode", api.SSL_CTX_get_verify_mode(v->ctx));
    report_flag(r, "ctx_verify_callback_own",
                api.SSL_CTX_get_verify_callback(v->ctx) == verification_callback());
    report_flag(r, "info_callback_own", api.SSL_get_info_callback(v->ssl) == context_ssl_info());
    report_flag(r, "ctx_info_callback_own",
                api.SSL_CTX_get_info_callback(v->ctx) == context_ctx_info());
}

void observe_prepared(struct visit *v)
{
    report_begin(&v->report, "prepared", '{');
    put_settings(v);
    report_end(&v->report, '}');
}

void observe_state(struct visit *v, const char *name)
{
    struct report *r = &v->report;
    const STACK_OF(X509) *chain = api.SSL_get0_verified_chain(v->ssl);
    const STACK_OF(X509) *sent = api.SSL_get_peer_cert_chain(v->ssl);

    report_begin(r, name, '{');
    report_number(r, "verify_result", api.SSL_get_verify_result(v->ssl));
    put_settings(v);
    report_number(r, "reused", api.SSL_session_reused(v->ssl));
    report_number(r, "early_data", api.SSL_get_early_data_status(v->ssl));
    report_number(r, "chain", chain ? api.OPENSSL_sk_num((const OPENSSL_STACK *)chain) : -1);
    report_number(r, "sent_chain", sent ? api.OPENSSL_sk_num((const OPENSSL_STACK *)sent) : -1);
    report_number(r, "want", api.SSL_want(v->ssl));
    report_number(r, "state", api.SSL_get_state(v->ssl));
    report_number(r, "shutdown", api.SSL_get_shutdown(v->ssl));
    put_text(r, "tls", api.SSL_get_version(v->ssl));
    if (!options.threads) /* there it is chance who gets which */
        report_number(r, "socket", v->fd);
    report_end(r, '}');
}

void observe_info(struct visit *v)
{
    struct report *r = &v->report;

    report_number(r, "handshakes_started", v->handshakes_started);
    report_number(r, "steps", v->steps);
    report_number(r, "handshakes_done", v->handshakes_done);
    report_number(r, "verify_calls", v->verify_calls);
    if (options.quick_timer)
        report_flag(r, "timed_out", v->timed_out);
    report_begin(r, "alerts", '[');
    for (size_t i = 0; i < v->alert_count; i++) {
        report_begin(r, NULL, '{');
        report_flag(r, "sent", (v->alerts[i] >> 16 & SSL_CB_WRITE) != 0);
        put_text(r, "alert", api.SSL_alert_desc_string_long(v->alerts[i] & 0xff));
        report_end(r, '}');
    }
    report_end(r, ']');
}
