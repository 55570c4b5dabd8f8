#include "cli/options/url_secrets.h"

#include <catch2/catch.hpp>

#include "cli/connection/broker_url.h"

using cli::without_url_passwords;

TEST_CASE("Passwords in URLs are not shown", "[secrets]") {
  CHECK(without_url_passwords("mqtt://ann:secret@host/x") == "mqtt://ann:***@host/x");
  CHECK(without_url_passwords("see \"mqtts://ann:secret@host:1/x\" and ws://b:pw@h.") ==
        "see \"mqtts://ann:***@host:1/x\" and ws://b:***@h.");
  CHECK(without_url_passwords("socks5h://:secret@proxy") == "socks5h://:***@proxy");
  SECTION("with characters that should have been escaped") {
    CHECK(without_url_passwords("mqtt://ann:s@cr@host/x") == "mqtt://ann:***@host/x");
    CHECK(without_url_passwords("mqtt://ann:s/cret@host/x") == "mqtt://ann:***@host/x");
  }
}

TEST_CASE("What is no password stays", "[secrets]") {
  for (const char* const text :
       {"", "plain", "a://", "mqtt://host/a@b", "mqtt://host:1883/a@b", "mqtt://ann@host/x",
        "mqtt://[::1]:1883/x", "mqtt://[::1]:1883/a@b", "a:b@c"}) {
    CAPTURE(text);
    CHECK(without_url_passwords(text) == text);
  }
}

TEST_CASE("The errors of a URL do not repeat its password", "[secrets]") {
  for (const char* const url :
       {"mqtt://ann:sec/ret@host/x", "mqtt://ann:secret@host:x/", "mqtt://ann:secret@[::1",
        "mqtt://ann:secret@[::1]x", "x://ann:secret@h"}) {
    CAPTURE(url);
    const auto parsed = cli::parse_broker_url(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find("sec") == std::string::npos);
  }
}
