/* The functions of OpenSSL that the client calls, as a table: filled with the addresses that the
 * linker binds, or by one of the ways in which programs find a library at run time. */
#ifndef PINSHIM_TESTS_CLIENT_API_H
#define PINSHIM_TESTS_CLIENT_API_H

#define OPENSSL_SUPPRESS_DEPRECATED /* ERR_get_error_line_data: the one that 1.1.1 has as well */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
#    include <openssl/quic.h>
#endif
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#ifndef SSL_CTRL_SET_RETRY_VERIFY /* since 3.0; what asks for it is not run with less */
#    define SSL_CTRL_SET_RETRY_VERIFY 136
#    define SSL_ERROR_WANT_RETRY_VERIFY 12
#endif

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
#    define API_RAW_KEYS(X)                                                                        \
        X(PEM_read_bio_X509)                                                                       \
        X(SSL_CTX_dane_enable)                                                                     \
        X(SSL_add_expected_rpk)                                                                    \
        X(SSL_dane_enable)                                                                         \
        X(SSL_get_SSL_CTX)                                                                         \
        X(SSL_set1_client_cert_type)                                                               \
        X(SSL_set1_server_cert_type)                                                               \
        X(X509_free)                                                                               \
        X(X509_get0_pubkey)
#    ifndef OPENSSL_NO_QUIC
#        define API_QUIC(X)                                                                        \
            X(OSSL_QUIC_client_method)                                                             \
            X(OSSL_QUIC_client_thread_method)                                                      \
            X(SSL_get_event_timeout)                                                               \
            X(SSL_handle_events)                                                                   \
            X(SSL_set1_initial_peer_addr)                                                          \
            X(SSL_set_alpn_protos)                                                                 \
            X(SSL_set_blocking_mode)
#        define API_SINCE_3_2(X) API_RAW_KEYS(X) API_QUIC(X)
#    else
#        define API_SINCE_3_2(X) API_RAW_KEYS(X)
#    endif
#else
#    define API_SINCE_3_2(X)
#endif

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#    define API_SINCE_3_0(X) X(SSL_CTX_new_ex)
#else
#    define API_SINCE_3_0(X)
#endif

#define API_FUNCTIONS(X)                                                                           \
    X(BIO_ctrl)                                                                                    \
    X(BIO_f_ssl)                                                                                   \
    X(BIO_free_all)                                                                                \
    X(BIO_new)                                                                                     \
    X(BIO_new_dgram)                                                                               \
    X(BIO_new_file)                                                                                \
    X(BIO_new_socket)                                                                              \
    X(BIO_new_ssl_connect)                                                                         \
    X(BIO_push)                                                                                    \
    X(BIO_read)                                                                                    \
    X(BIO_s_mem)                                                                                   \
    X(BIO_write)                                                                                   \
    X(CRYPTO_get_ex_new_index)                                                                     \
    X(CRYPTO_set_mem_functions)                                                                    \
    X(DTLS_client_method)                                                                          \
    X(DTLS_set_timer_cb)                                                                           \
    X(ERR_get_error_line_data)                                                                     \
    X(ERR_lib_error_string)                                                                        \
    X(ERR_reason_error_string)                                                                     \
    X(OPENSSL_init_ssl)                                                                            \
    X(OPENSSL_sk_num)                                                                              \
    X(SSL_CIPHER_find)                                                                             \
    X(SSL_CTX_ctrl)                                                                                \
    X(SSL_CTX_free)                                                                                \
    X(SSL_CTX_get0_param)                                                                          \
    X(SSL_CTX_get_cert_store)                                                                      \
    X(SSL_CTX_get_info_callback)                                                                   \
    X(SSL_CTX_get_verify_callback)                                                                 \
    X(SSL_CTX_get_verify_mode)                                                                     \
    X(SSL_CTX_load_verify_locations)                                                               \
    X(SSL_CTX_new)                                                                                 \
    X(SSL_CTX_sess_set_new_cb)                                                                     \
    X(SSL_CTX_set_cert_cb)                                                                         \
    X(SSL_CTX_set_cert_verify_callback)                                                            \
    X(SSL_CTX_set_cipher_list)                                                                     \
    X(SSL_CTX_set_info_callback)                                                                   \
    X(SSL_CTX_set_psk_client_callback)                                                             \
    X(SSL_CTX_set_psk_use_session_callback)                                                        \
    X(SSL_CTX_set_purpose)                                                                         \
    X(SSL_CTX_set_security_level)                                                                  \
    X(SSL_CTX_set_verify)                                                                          \
    X(SSL_CTX_use_PrivateKey_file)                                                                 \
    X(SSL_CTX_use_certificate_chain_file)                                                          \
    X(SSL_SESSION_dup)                                                                             \
    X(SSL_SESSION_free)                                                                            \
    X(SSL_SESSION_get_max_early_data)                                                              \
    X(SSL_SESSION_new)                                                                             \
    X(SSL_SESSION_has_ticket)                                                                      \
    X(SSL_SESSION_set1_master_key)                                                                 \
    X(SSL_SESSION_set_cipher)                                                                      \
    X(SSL_SESSION_set_max_early_data)                                                              \
    X(SSL_SESSION_set_protocol_version)                                                            \
    X(SSL_SESSION_up_ref)                                                                          \
    X(SSL_accept)                                                                                  \
    X(SSL_alert_desc_string_long)                                                                  \
    X(SSL_clear)                                                                                   \
    X(SSL_connect)                                                                                 \
    X(SSL_copy_session_id)                                                                         \
    X(SSL_ctrl)                                                                                    \
    X(SSL_do_handshake)                                                                            \
    X(SSL_dup)                                                                                     \
    X(SSL_free)                                                                                    \
    X(SSL_get0_param)                                                                              \
    X(SSL_get0_verified_chain)                                                                     \
    X(SSL_get1_session)                                                                            \
    X(SSL_get_early_data_status)                                                                   \
    X(SSL_get_error)                                                                               \
    X(SSL_get_ex_data)                                                                             \
    X(SSL_get_ex_data_X509_STORE_CTX_idx)                                                          \
    X(SSL_get_fd)                                                                                  \
    X(SSL_get_info_callback)                                                                       \
    X(SSL_get_peer_cert_chain)                                                                     \
    X(SSL_get_rbio)                                                                                \
    X(SSL_get_session)                                                                             \
    X(SSL_get_shutdown)                                                                            \
    X(SSL_get_state)                                                                               \
    X(SSL_get_verify_callback)                                                                     \
    X(SSL_get_verify_depth)                                                                        \
    X(SSL_get_verify_mode)                                                                         \
    X(SSL_get_verify_result)                                                                       \
    X(SSL_get_version)                                                                             \
    X(SSL_get_wbio)                                                                                \
    X(SSL_new)                                                                                     \
    X(SSL_read)                                                                                    \
    X(SSL_renegotiate)                                                                             \
    X(SSL_session_reused)                                                                          \
    X(SSL_set1_host)                                                                               \
    X(SSL_set_SSL_CTX)                                                                             \
    X(SSL_set_bio)                                                                                 \
    X(SSL_set_connect_state)                                                                       \
    X(SSL_set_ex_data)                                                                             \
    X(SSL_set_fd)                                                                                  \
    X(SSL_set_info_callback)                                                                       \
    X(SSL_set_session)                                                                             \
    X(SSL_set_verify)                                                                              \
    X(SSL_shutdown)                                                                                \
    X(SSL_want)                                                                                    \
    X(SSL_write)                                                                                   \
    X(SSL_write_early_data)                                                                        \
    X(TLS_method)                                                                                  \
    X(TLS_server_method)                                                                           \
    X(TLS_client_method)                                                                           \
    X(X509_STORE_CTX_get_ex_data)                                                                  \
    X(X509_STORE_CTX_set_error)                                                                    \
    X(X509_STORE_get0_param)                                                                       \
    X(X509_STORE_set_purpose)                                                                      \
    X(X509_VERIFY_PARAM_set1_ip_asc)                                                               \
    X(X509_VERIFY_PARAM_set_flags)                                                                 \
    X(X509_VERIFY_PARAM_set_time)                                                                  \
    X(X509_verify_cert)                                                                            \
    X(d2i_SSL_SESSION)                                                                             \
    X(i2d_SSL_SESSION)                                                                             \
    API_FUNCTIONS_OF_3(X)                                                                          \
    API_SINCE_3_0(X) API_SINCE_3_2(X)

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#    define API_FUNCTIONS_OF_3(X)                                                                  \
        X(OSSL_LIB_CTX_new)                                                                        \
        X(OSSL_LIB_CTX_set0_default)
#else
#    define API_FUNCTIONS_OF_3(X)
#endif

struct api_table {
#define FIELD(name) __typeof__(name) *name;
    API_FUNCTIONS(FIELD)
#undef FIELD
};

/* The one that the calling thread uses; the first of two (twin.h) unless it says otherwise. */
extern __thread struct api_table *api_now;
#define api (*api_now)

/* Fills `api`. `how`: "plt" in the executable that is linked to libssl; "dlsym", "dlsym-local",
 * "dlvsym", "dlmopen", "plugin" (RTLD_LOCAL) and "deepbind" in the other one. Ends the program when
 * it cannot.
 */
void api_load(const char *how);

/* Closes what api_load opened; nothing may be left of it. Not in the linked executable. */
void api_unload(void);

/* Fills a table by looking each function up in an opened library. Ends the program when one is
 * missing. */
typedef void *api_lookup(void *handle, const char *name);
void api_find(struct api_table *out, void *handle, api_lookup *lookup);

/* The addresses that the linker bound for the object that this is in: the executable, or
 * client-plugin.so. */
void api_direct(struct api_table *out);

#endif
