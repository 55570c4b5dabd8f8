#include "mqtt/client/backoff.h"

#include <catch2/catch.hpp>
#include <set>

using mqtt::ReasonCode;
using mqtt::client::Backoff;
using mqtt::client::is_temporary;
using mqtt::client::ReconnectPolicy;
using std::chrono::milliseconds;

namespace {

ReconnectPolicy policy(double jitter) {
  ReconnectPolicy policy;
  policy.first_delay = milliseconds(100);
  policy.max_delay = milliseconds(1000);
  policy.factor = 3;
  policy.jitter = jitter;
  return policy;
}

}  // namespace

TEST_CASE("A back-off grows by its factor up to its limit, and starts over after a success") {
  Backoff backoff(policy(0), 1);
  CHECK(backoff.next_delay() == milliseconds(100));
  CHECK(backoff.next_delay() == milliseconds(300));
  CHECK(backoff.next_delay() == milliseconds(900));
  CHECK(backoff.next_delay() == milliseconds(1000));
  CHECK(backoff.next_delay() == milliseconds(1000));
  backoff.on_success();
  CHECK(backoff.next_delay() == milliseconds(100));
}

TEST_CASE("A back-off takes a random part off, no more than its jitter") {
  std::set<milliseconds> delays;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto delay = Backoff(policy(0.5), seed).next_delay().value();
    CHECK(delay >= milliseconds(50));
    CHECK(delay <= milliseconds(100));
    delays.insert(delay);
  }
  CHECK(delays.size() > 20);
}

TEST_CASE("A back-off gives up after its last attempt, and stays at its limit for ever otherwise") {
  ReconnectPolicy limited = policy(0);
  limited.max_attempts = 2;
  Backoff few(limited, 1);
  CHECK(few.next_delay());
  CHECK(few.next_delay());
  CHECK_FALSE(few.next_delay());
  few.on_success();
  CHECK(few.next_delay());

  Backoff endless(policy(0), 1);
  for (int i = 0; i < 5000; ++i) endless.next_delay();
  CHECK(endless.next_delay() == milliseconds(1000));
}

TEST_CASE("Some reasons of a server pass, others do not") {
  CHECK(is_temporary(ReasonCode::server_busy));
  CHECK(is_temporary(ReasonCode::server_shutting_down));
  CHECK_FALSE(is_temporary(ReasonCode::not_authorized));
  CHECK_FALSE(is_temporary(ReasonCode::session_taken_over));
}
