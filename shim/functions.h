/* The functions of OpenSSL that the shim calls, found at run time in the library that owns the
 * object at hand. Each line: the object that defines it, whether all versions from 1.1.1 on have
 * it, the name. Types come from the headers; what these no longer declare is typed below. */
#ifndef PINSHIM_SHIM_FUNCTIONS_H
#define PINSHIM_SHIM_FUNCTIONS_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

/* 1.1.1 has this one; a macro stands in its place in 3.0's headers. */
typedef void err_put_error_fn(int lib, int func, int reason, const char *file, int line);

#define OPENSSL_FUNCTIONS(X)                                                                       \
    X(SSL, NEEDED, SSL_CTX_get_ex_data)                                                            \
    X(SSL, NEEDED, SSL_CTX_get_info_callback)                                                      \
    X(SSL, NEEDED, SSL_CTX_new)                                                                    \
    X(SSL, NEEDED, SSL_CTX_remove_session)                                                         \
    X(SSL, NEEDED, SSL_CTX_set_cert_verify_callback)                                               \
    X(SSL, NEEDED, SSL_CTX_set_ex_data)                                                            \
    X(SSL, NEEDED, SSL_SESSION_get0_peer)                                                          \
    X(SSL, NEEDED, SSL_SESSION_get_ex_data)                                                        \
    X(SSL, NEEDED, SSL_SESSION_set_ex_data)                                                        \
    X(SSL, NEEDED, SSL_connect)                                                                    \
    X(SSL, NEEDED, SSL_do_handshake)                                                               \
    X(SSL, NEEDED, SSL_get0_param)                                                                 \
    X(SSL, NEEDED, SSL_get_SSL_CTX)                                                                \
    X(SSL, NEEDED, SSL_get_ex_data)                                                                \
    X(SSL, NEEDED, SSL_get_ex_data_X509_STORE_CTX_idx)                                             \
    X(SSL, NEEDED, SSL_get_info_callback)                                                          \
    X(SSL, NEEDED, SSL_get_rfd)                                                                    \
    X(SSL, NEEDED, SSL_get_servername)                                                             \
    X(SSL, NEEDED, SSL_get_session)                                                                \
    X(SSL, NEEDED, SSL_get_state)                                                                  \
    X(SSL, NEEDED, SSL_get_verify_callback)                                                        \
    X(SSL, NEEDED, SSL_get_verify_mode)                                                            \
    X(SSL, NEEDED, SSL_get_version)                                                                \
    X(SSL, NEEDED, SSL_is_init_finished)                                                           \
    X(SSL, NEEDED, SSL_is_server)                                                                  \
    X(SSL, NEEDED, SSL_session_reused)                                                             \
    X(SSL, NEEDED, SSL_set_ex_data)                                                                \
    X(SSL, NEEDED, SSL_set_info_callback)                                                          \
    X(SSL, NEEDED, SSL_set_session)                                                                \
    X(SSL, NEEDED, SSL_set_shutdown)                                                               \
    X(SSL, NEEDED, SSL_set_verify)                                                                 \
    X(SSL, NEEDED, SSL_set_verify_result)                                                          \
    X(SSL, NEEDED, SSL_want)                                                                       \
    X(SSL, OPTIONAL, SSL_CTX_new_ex)                                                               \
    X(CRYPTO, NEEDED, ASN1_TIME_to_tm)                                                             \
    X(CRYPTO, NEEDED, BIO_free)                                                                    \
    X(CRYPTO, NEEDED, BIO_new)                                                                     \
    X(CRYPTO, NEEDED, BIO_read)                                                                    \
    X(CRYPTO, NEEDED, BIO_s_mem)                                                                   \
    X(CRYPTO, NEEDED, CRYPTO_free)                                                                 \
    X(CRYPTO, NEEDED, CRYPTO_get_ex_new_index)                                                     \
    X(CRYPTO, NEEDED, ERR_add_error_data)                                                          \
    X(CRYPTO, NEEDED, ERR_peek_last_error)                                                         \
    X(CRYPTO, NEEDED, ERR_pop_to_mark)                                                             \
    X(CRYPTO, NEEDED, ERR_set_mark)                                                                \
    X(CRYPTO, NEEDED, EVP_Digest)                                                                  \
    X(CRYPTO, NEEDED, EVP_sha256)                                                                  \
    X(CRYPTO, NEEDED, OPENSSL_sk_num)                                                              \
    X(CRYPTO, NEEDED, OPENSSL_sk_value)                                                            \
    X(CRYPTO, NEEDED, OpenSSL_version_num)                                                         \
    X(CRYPTO, NEEDED, X509_NAME_cmp)                                                               \
    X(CRYPTO, NEEDED, X509_NAME_print_ex)                                                          \
    X(CRYPTO, NEEDED, X509_STORE_CTX_free)                                                         \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_cert)                                                    \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_chain)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_param)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_store)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_untrusted)                                               \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get_error)                                                    \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get_ex_data)                                                  \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get_verify_cb)                                                \
    X(CRYPTO, NEEDED, X509_STORE_CTX_init)                                                         \
    X(CRYPTO, NEEDED, X509_STORE_CTX_new)                                                          \
    X(CRYPTO, NEEDED, X509_STORE_CTX_set_error)                                                    \
    X(CRYPTO, NEEDED, X509_STORE_CTX_set_purpose)                                                  \
    X(CRYPTO, NEEDED, X509_STORE_CTX_set_verify_cb)                                                \
    X(CRYPTO, NEEDED, X509_STORE_add_cert)                                                         \
    X(CRYPTO, NEEDED, X509_STORE_free)                                                             \
    X(CRYPTO, NEEDED, X509_STORE_new)                                                              \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_clear_flags)                                               \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_get_flags)                                                 \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_set_flags)                                                 \
    X(CRYPTO, NEEDED, X509_get0_notAfter)                                                          \
    X(CRYPTO, NEEDED, X509_get_X509_PUBKEY)                                                        \
    X(CRYPTO, NEEDED, X509_get_issuer_name)                                                        \
    X(CRYPTO, NEEDED, X509_get_subject_name)                                                       \
    X(CRYPTO, NEEDED, X509_verify_cert)                                                            \
    X(CRYPTO, NEEDED, i2d_X509)                                                                    \
    X(CRYPTO, NEEDED, i2d_X509_PUBKEY)                                                             \
    X(CRYPTO, OPTIONAL, ERR_new)                                                                   \
    X(CRYPTO, OPTIONAL, ERR_set_debug)                                                             \
    X(CRYPTO, OPTIONAL, ERR_set_error)                                                             \
    X(CRYPTO, OPTIONAL, EVP_MD_fetch)                                                              \
    X(CRYPTO, OPTIONAL, X509_VERIFY_PARAM_get0_host)                                               \
    X(CRYPTO, OPTIONAL, X509_VERIFY_PARAM_get1_ip_asc)

#endif
