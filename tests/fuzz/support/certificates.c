#include "tests/fuzz/support/certificates.h"

#include <openssl/pem.h>

#include "tests/fuzz/support/fuzz.h"

/* P-256, valid from 2000 to 2126: what a fuzzer found must be found again next year. */
const char *const CERTIFICATES[CERTIFICATE_COUNT] = {
    [CERTIFICATE_LEAF] = "-----BEGIN CERTIFICATE-----\n"
                         "MIIBwzCCAWmgAwIBAgITWRy1OydE3BAlnonDaHt9MlIt3TAKBggqhkjOPQQDAjAX\n"
                         "MRUwEwYDVQQDDAxJbnRlcm1lZGlhdGUwIBcNMDAwMTAxMDAwMDAwWhgPMjEyNjAx\n"
                         "MDEwMDAwMDBaMBsxGTAXBgNVBAMMEGFwaS5leGFtcGxlLnRlc3QwWTATBgcqhkjO\n"
                         "PQIBBggqhkjOPQMBBwNCAAQL7pf67uvNGNmE6nhabxsJJ9OcPkJv+hyYjL62DCtA\n"
                         "HX1G/ZxdwmtLdsLopCNU6uHM2ncvgwWTyHtTB4kJjNYjo4GNMIGKMAkGA1UdEwQC\n"
                         "MAAwCwYDVR0PBAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMBsGA1UdEQQUMBKC\n"
                         "EGFwaS5leGFtcGxlLnRlc3QwHQYDVR0OBBYEFENu7Muv6n5bkGuOx9DTOYnI5K7A\n"
                         "MB8GA1UdIwQYMBaAFFNhjzAaiI8NPHNZLHu6Lq81vMXfMAoGCCqGSM49BAMCA0gA\n"
                         "MEUCIQCumi3zbmsefMw2feYAV3LEX3SNUcfKq/OCRo6REmJlWQIgY6aVpw6eR2yy\n"
                         "v+gKvHcGqLhGqOl+YGK9Nsht9XhTu9Y=\n"
                         "-----END CERTIFICATE-----\n",
    [CERTIFICATE_MIS_ISSUED] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBxTCCAWqgAwIBAgIUS+VWosFEqc3zaIUg53++AJ0myRMwCgYIKoZIzj0EAwIw\n"
                               "FzEVMBMGA1UEAwwMSW50ZXJtZWRpYXRlMCAXDTAwMDEwMTAwMDAwMFoYDzIxMjYw\n"
                               "MTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBhcGkuZXhhbXBsZS50ZXN0MFkwEwYHKoZI\n"
                               "zj0CAQYIKoZIzj0DAQcDQgAEIo6YiWLmTy3p4JiHHbOYTmAi+mJ3AGQj3RDdEoZL\n"
                               "FPwG0s/bl5B3/DaSmBXkJ/daAmv8CugzlZbUESXb3QAvkaOBjTCBijAJBgNVHRME\n"
                               "AjAAMAsGA1UdDwQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAbBgNVHREEFDAS\n"
                               "ghBhcGkuZXhhbXBsZS50ZXN0MB0GA1UdDgQWBBS/zLtPEBo5mDTea1SIp7um2lW6\n"
                               "njAfBgNVHSMEGDAWgBRTYY8wGoiPDTxzWSx7ui6vNbzF3zAKBggqhkjOPQQDAgNJ\n"
                               "ADBGAiEA87KnYHAHtxXkhmgbu1xEJxHBQoY5Mo/ZsKZ1gWh7aa8CIQDUqQ5112IL\n"
                               "1ElyP7nqF2yHRiGPxK6z5bYkKvCNlhUTCg==\n"
                               "-----END CERTIFICATE-----\n",
    [CERTIFICATE_INTERMEDIATE] =
        "-----BEGIN CERTIFICATE-----\n"
        "MIIBkDCCATagAwIBAgIUV9aA7YfOg5fU8eBiRtuaTVnmSoYwCgYIKoZIzj0EAwIw\n"
        "DzENMAsGA1UEAwwEUm9vdDAgFw0wMDAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAw\n"
        "MFowFzEVMBMGA1UEAwwMSW50ZXJtZWRpYXRlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
        "AQcDQgAEmuvydxg1m76mS7xyuduetLAwA7R7R7sQTGmx24qggkG9mfxdDTVU/JSw\n"
        "CeDzs7fW7aN+8JrFpzNMu7ZO7RyKVKNmMGQwEgYDVR0TAQH/BAgwBgEB/wIBADAO\n"
        "BgNVHQ8BAf8EBAMCAgQwHQYDVR0OBBYEFFNhjzAaiI8NPHNZLHu6Lq81vMXfMB8G\n"
        "A1UdIwQYMBaAFCczKT8U48ILwmOhEsMoyQzs963UMAoGCCqGSM49BAMCA0gAMEUC\n"
        "IQDTy4NoH/LH6kLgwnsyK+6HCZVnFo1G32wncS9A8D8u7QIgVfa9oNq0M2r1yVYq\n"
        "Vid4AslgHCmTZ07yhzStVRb32Ec=\n"
        "-----END CERTIFICATE-----\n",
    [CERTIFICATE_ROOT] = "-----BEGIN CERTIFICATE-----\n"
                         "MIIBZDCCAQqgAwIBAgIUAgfUJQucRQfq1HiehepYR3x00QkwCgYIKoZIzj0EAwIw\n"
                         "DzENMAsGA1UEAwwEUm9vdDAgFw0wMDAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAw\n"
                         "MFowDzENMAsGA1UEAwwEUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB0I\n"
                         "1DPxkPWEID2NifoNrz4aYNQ6+M0OujJUkYv5stCbbCQO0+sN8N47Mqn6zzL0yPZn\n"
                         "GTSHBGaV76uJE/mLpUajQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD\n"
                         "AgIEMB0GA1UdDgQWBBQnMyk/FOPCC8JjoRLDKMkM7Pet1DAKBggqhkjOPQQDAgNI\n"
                         "ADBFAiEA8ljN5sQj2a0P2ZfFlvXRCSx2PLGNiH9fOpgHEuYnC8wCIBGGOEcIr2sT\n"
                         "nArsPwaWul1fGzdNsa65aeKc8eUSrdsQ\n"
                         "-----END CERTIFICATE-----\n",
    [CERTIFICATE_SELF_SIGNED] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBgzCCASmgAwIBAgIUI8/7IEN26Jmhw3bJErZ0zpHymw4wCgYIKoZIzj0EAwIw\n"
                                "GzEZMBcGA1UEAwwQYXBpLmV4YW1wbGUudGVzdDAgFw0wMDAxMDEwMDAwMDBaGA8y\n"
                                "MTI2MDEwMTAwMDAwMFowGzEZMBcGA1UEAwwQYXBpLmV4YW1wbGUudGVzdDBZMBMG\n"
                                "ByqGSM49AgEGCCqGSM49AwEHA0IABM+D2eaL970wNYaasAlb3+CDjjxw2nsfrqbY\n"
                                "30ZG6OFGVp9yGWnxCI7QdU49Y7tSSC69kVaG6XkvBCdFexRF4aSjSTBHMAkGA1Ud\n"
                                "EwQCMAAwGwYDVR0RBBQwEoIQYXBpLmV4YW1wbGUudGVzdDAdBgNVHQ4EFgQUNQVP\n"
                                "Cxmj4hZ6pT3nJ3BtwGzEiDQwCgYIKoZIzj0EAwIDSAAwRQIgNpVO2sRQpq0vaV1I\n"
                                "5j5aM6p7dh2HcaH+54pk8WVuXG0CIQCVBnmm7JIod3YBX7XdfSCnDt1q+5BKx8k5\n"
                                "9aSiZF5DwQ==\n"
                                "-----END CERTIFICATE-----\n",
};

X509 *certificate_read(enum fixed_certificate which)
{
    BIO *bio = BIO_new_mem_buf(CERTIFICATES[which], -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    HOLDS(cert != NULL);
    return cert;
}
