#include "tests/handshake/response_scene.h"

void response_pin(const char *options)
{
    scene_policy("domain \"" HOST "\" {\n    pins = {\"%s\"}\n    %s\n}\n", scene.pki.genuine.pin,
                 options);
}

struct trip response_trip(const char *client)
{
    return (struct trip){
        .client = client, .server = "--request-client-cert", .identity = &scene.pki.mis_issued};
}

struct result response_refused(struct trip trip)
{
    struct result result = scene_run(trip, "enforce");

    expect_nothing_sent(&result, 0);
    if (trip.status == 0)
        expect_refused(&result);
    return result;
}

const char *const response_roads[RESPONSE_ROADS] = {
    VERIFYING "--road connect",   VERIFYING "--road do_handshake", VERIFYING "--road write",
    VERIFYING "--road bio_chain", VERIFYING "--road memory",       CARELESS "--road connect",
    CARELESS "--road write",      CARELESS "--road bio_handshake", CARELESS "--road memory_write",
};
