#include "net/closing_reason.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using broker::closing_reason;
using mqtt::ReasonCode;

TEST_CASE("the words that programs look for at the end of a closing line") {
  CHECK(closing_reason(ReasonCode::protocol_error) == "protocol error");
  CHECK(closing_reason(ReasonCode::malformed_packet) == "malformed packet");
  CHECK(closing_reason(ReasonCode::not_authorized) == "not authorised");
  CHECK(closing_reason(ReasonCode::session_taken_over) == "session taken over");
  CHECK(closing_reason(ReasonCode::administrative_action) == "administrative action");
  CHECK(closing_reason(ReasonCode::packet_too_large) == "oversize packet");
  CHECK(closing_reason(ReasonCode::receive_maximum_exceeded) == "receive maximum exceeded");
  CHECK(closing_reason(ReasonCode::topic_alias_invalid) == "topic alias invalid");
  CHECK(closing_reason(ReasonCode::server_busy) == "server busy");
  CHECK(closing_reason(ReasonCode::quota_exceeded) == "quota exceeded");
  CHECK(closing_reason(ReasonCode::qos_not_supported) == "used disallowed feature (QoS)");
  CHECK(closing_reason(ReasonCode::retain_not_supported) == "used disallowed feature (retain)");
}

TEST_CASE("every reason has words, and they begin in lower case") {
  for (int code = 0; code < 256; ++code) {
    const std::string words = closing_reason(static_cast<ReasonCode>(code));
    CAPTURE(code, words);
    CHECK_FALSE(words.empty());
    CHECK(words.front() >= 'a');
    CHECK(words.front() <= 'z');
    CHECK_FALSE(words.ends_with('.'));
  }
}
