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
#include <openssl/x509v3.h>

/* 1.1.1 has ERR_put_error; a macro stands in its place in 3.0's headers. */
typedef void err_put_error_fn(int lib, int func, int reason, const char *file, int line);
/* SSL_is_quic, since 3.2. */
typedef int is_quic_fn(const SSL *ssl);
/* OSSL_QUIC_client_method and its like, since 3.2. */
typedef const SSL_METHOD *quic_method_fn(void);
/* BIO_meth_set_sendmmsg and BIO_meth_set_recvmmsg, since 3.2; the messages are BIO_MSGs. */
typedef int mmsg_fn(BIO *bio, void *messages, size_t stride, size_t count, uint64_t flags,
                    size_t *processed);
typedef int set_mmsg_fn(BIO_METHOD *method, mmsg_fn *function);
/* SSL_CTX_get_ssl_method, where there is QUIC. */
typedef const SSL_METHOD *ctx_method_fn(const SSL_CTX *ctx);
/* OSSL_LIB_CTX_set0_default, since 3.0. */
typedef void *set0_default_fn(void *libctx);
/* X509_STORE_CTX_get0_rpk, since 3.2: the raw public key of RFC 7250. */
typedef EVP_PKEY *get0_rpk_fn(const X509_STORE_CTX *ctx);

#if OPENSSL_VERSION_NUMBER < 0x30000000L
/* What 3.0 added, for a build with the headers of 1.1.1: the types are needed all the same. */
typedef struct ossl_lib_ctx_st OSSL_LIB_CTX;
SSL_CTX *SSL_CTX_new_ex(OSSL_LIB_CTX *libctx, const char *propq, const SSL_METHOD *method);
void ERR_new(void);
void ERR_set_debug(const char *file, int line, const char *func);
void ERR_set_error(int lib, int reason, const char *format, ...);
EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *ctx, const char *algorithm, const char *properties);
char *X509_VERIFY_PARAM_get0_host(X509_VERIFY_PARAM *param, int idx);
char *X509_VERIFY_PARAM_get1_ip_asc(X509_VERIFY_PARAM *param);
#endif

#define OPENSSL_FUNCTIONS(X)                                                                       \
    X(SSL, NEEDED, SSL_CTX_add_custom_ext)                                                         \
    X(SSL, NEEDED, SSL_CTX_get_ex_data)                                                            \
    X(SSL, NEEDED, SSL_CTX_get_info_callback)                                                      \
    X(SSL, NEEDED, SSL_CTX_new)                                                                    \
    X(SSL, NEEDED, SSL_CTX_remove_session)                                                         \
    X(SSL, NEEDED, SSL_CTX_set_cert_verify_callback)                                               \
    X(SSL, NEEDED, SSL_CTX_set_info_callback)                                                      \
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
    X(SSL, NEEDED, SSL_get_peer_cert_chain)                                                        \
    X(SSL, NEEDED, SSL_get_rbio)                                                                   \
    X(SSL, NEEDED, SSL_get_rfd)                                                                    \
    X(SSL, NEEDED, SSL_get_security_level)                                                         \
    X(SSL, NEEDED, SSL_get_servername)                                                             \
    X(SSL, NEEDED, SSL_get_session)                                                                \
    X(SSL, NEEDED, SSL_get_state)                                                                  \
    X(SSL, NEEDED, SSL_get_verify_callback)                                                        \
    X(SSL, NEEDED, SSL_get_verify_mode)                                                            \
    X(SSL, NEEDED, SSL_get_version)                                                                \
    X(SSL, NEEDED, SSL_get_wbio)                                                                   \
    X(SSL, NEEDED, SSL_is_init_finished)                                                           \
    X(SSL, NEEDED, SSL_is_server)                                                                  \
    X(SSL, NEEDED, SSL_new)                                                                        \
    X(SSL, NEEDED, SSL_session_reused)                                                             \
    X(SSL, NEEDED, SSL_set0_rbio)                                                                  \
    X(SSL, NEEDED, SSL_set0_wbio)                                                                  \
    X(SSL, NEEDED, SSL_set_ex_data)                                                                \
    X(SSL, NEEDED, SSL_set_info_callback)                                                          \
    X(SSL, NEEDED, SSL_set_session)                                                                \
    X(SSL, NEEDED, SSL_set_shutdown)                                                               \
    X(SSL, NEEDED, SSL_set_verify)                                                                 \
    X(SSL, NEEDED, SSL_set_verify_result)                                                          \
    X(SSL, NEEDED, SSL_want)                                                                       \
    X(SSL, OPTIONAL, SSL_CTX_new_ex)                                                               \
    X(CRYPTO, NEEDED, ASN1_TIME_to_tm)                                                             \
    X(CRYPTO, NEEDED, BIO_ctrl)                                                                    \
    X(CRYPTO, NEEDED, BIO_find_type)                                                               \
    X(CRYPTO, NEEDED, BIO_free)                                                                    \
    X(CRYPTO, NEEDED, BIO_free_all)                                                                \
    X(CRYPTO, NEEDED, BIO_get_data)                                                                \
    X(CRYPTO, NEEDED, BIO_meth_free)                                                               \
    X(CRYPTO, NEEDED, BIO_meth_new)                                                                \
    X(CRYPTO, NEEDED, BIO_meth_set_create)                                                         \
    X(CRYPTO, NEEDED, BIO_meth_set_ctrl)                                                           \
    X(CRYPTO, NEEDED, BIO_meth_set_destroy)                                                        \
    X(CRYPTO, NEEDED, BIO_meth_set_read)                                                           \
    X(CRYPTO, NEEDED, BIO_meth_set_write)                                                          \
    X(CRYPTO, NEEDED, BIO_method_type)                                                             \
    X(CRYPTO, NEEDED, BIO_new)                                                                     \
    X(CRYPTO, NEEDED, BIO_number_read)                                                             \
    X(CRYPTO, NEEDED, BIO_number_written)                                                          \
    X(CRYPTO, NEEDED, BIO_read)                                                                    \
    X(CRYPTO, NEEDED, BIO_s_mem)                                                                   \
    X(CRYPTO, NEEDED, BIO_set_data)                                                                \
    X(CRYPTO, NEEDED, BIO_set_init)                                                                \
    X(CRYPTO, NEEDED, BIO_up_ref)                                                                  \
    X(CRYPTO, NEEDED, CRYPTO_free)                                                                 \
    X(CRYPTO, NEEDED, CRYPTO_get_ex_data)                                                          \
    X(CRYPTO, NEEDED, CRYPTO_get_ex_new_index)                                                     \
    X(CRYPTO, NEEDED, ERR_add_error_data)                                                          \
    X(CRYPTO, NEEDED, ERR_peek_last_error)                                                         \
    X(CRYPTO, NEEDED, ERR_pop_to_mark)                                                             \
    X(CRYPTO, NEEDED, ERR_set_mark)                                                                \
    X(CRYPTO, NEEDED, EVP_Digest)                                                                  \
    X(CRYPTO, NEEDED, EVP_sha256)                                                                  \
    X(CRYPTO, NEEDED, OPENSSL_sk_free)                                                             \
    X(CRYPTO, NEEDED, OPENSSL_sk_new_null)                                                         \
    X(CRYPTO, NEEDED, OPENSSL_sk_num)                                                              \
    X(CRYPTO, NEEDED, OPENSSL_sk_pop_free)                                                         \
    X(CRYPTO, NEEDED, OPENSSL_sk_push)                                                             \
    X(CRYPTO, NEEDED, OPENSSL_sk_value)                                                            \
    X(CRYPTO, NEEDED, OpenSSL_version_num)                                                         \
    X(CRYPTO, NEEDED, X509_ALGOR_cmp)                                                              \
    X(CRYPTO, NEEDED, X509_NAME_cmp)                                                               \
    X(CRYPTO, NEEDED, X509_NAME_print_ex)                                                          \
    X(CRYPTO, NEEDED, X509_STORE_CTX_free)                                                         \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_cert)                                                    \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_chain)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_param)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_store)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get0_untrusted)                                               \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get1_certs)                                                   \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get_check_issued)                                             \
    X(CRYPTO, NEEDED, X509_STORE_CTX_get_verify)                                                   \
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
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_get_auth_level)                                            \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_get_flags)                                                 \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_set_auth_level)                                            \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_set1_ip)                                                   \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_set1_host)                                                 \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_new)                                                       \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_free)                                                      \
    X(CRYPTO, NEEDED, X509_VERIFY_PARAM_set_flags)                                                 \
    X(CRYPTO, NEEDED, X509_check_host)                                                             \
    X(CRYPTO, NEEDED, X509_check_ip_asc)                                                           \
    X(CRYPTO, NEEDED, X509_check_purpose)                                                          \
    X(CRYPTO, NEEDED, X509_get0_pubkey)                                                            \
    X(CRYPTO, NEEDED, X509_free)                                                                   \
    X(CRYPTO, NEEDED, X509_get0_notAfter)                                                          \
    X(CRYPTO, NEEDED, X509_get0_notBefore)                                                         \
    X(CRYPTO, NEEDED, X509_get0_signature)                                                         \
    X(CRYPTO, NEEDED, X509_get0_tbs_sigalg)                                                        \
    X(CRYPTO, NEEDED, X509_get_X509_PUBKEY)                                                        \
    X(CRYPTO, NEEDED, X509_get_issuer_name)                                                        \
    X(CRYPTO, NEEDED, X509_get_subject_name)                                                       \
    X(CRYPTO, NEEDED, X509_verify_cert)                                                            \
    X(CRYPTO, NEEDED, d2i_X509_AUX)                                                                \
    X(CRYPTO, NEEDED, i2d_PUBKEY)                                                                  \
    X(CRYPTO, NEEDED, i2d_X509)                                                                    \
    X(CRYPTO, NEEDED, i2d_X509_PUBKEY)                                                             \
    X(CRYPTO, OPTIONAL, ERR_new)                                                                   \
    X(CRYPTO, OPTIONAL, ERR_set_debug)                                                             \
    X(CRYPTO, OPTIONAL, ERR_set_error)                                                             \
    X(CRYPTO, OPTIONAL, EVP_MD_fetch)                                                              \
    X(CRYPTO, OPTIONAL, X509_VERIFY_PARAM_get0_host)                                               \
    X(CRYPTO, OPTIONAL, X509_VERIFY_PARAM_get1_ip_asc)

#endif
