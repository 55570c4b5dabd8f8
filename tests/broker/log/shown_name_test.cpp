#include "log/shown_name.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace {

std::string shown(std::string_view name) {
  return fmt::format("{}", broker::ShownName{name});
}

}  // namespace

TEST_CASE("a name is shown as it is") {
  for (const char* name : {"", "pump-3", "a client", "DOMAIN\\user", "O'Brien", "Küche/Größe",
                           "a: b]", "\xE2\x80\xA6", "connected", "from here", "温度"}) {
    CHECK(shown(name) == name);
  }
}

TEST_CASE("what a terminal or a reader of lines would act on is escaped") {
  CHECK(shown("a\nb\r\t\x1b[2J\x7f") == "a\\x0Ab\\x0D\\x09\\x1B\\x5B2J\\x7F");
  CHECK(shown(std::string_view("\0", 1)) == "\\x00");
  CHECK(shown("\xC2\x9B"
              "2J") == "\\xC2\\x9B2J");                   // CSI, of one character
  CHECK(shown("a\xE2\x80\xA8z") == "a\\xE2\\x80\\xA8z");  // U+2028 line separator
  CHECK(shown("a\xE2\x80\xAEz") == "a\\xE2\\x80\\xAEz");  // U+202E right-to-left override
  CHECK(shown("a\xE2\x81\xA6z") == "a\\xE2\\x81\\xA6z");  // U+2066 left-to-right isolate
  CHECK(shown("cut off \xE2\x80") == "cut off \xE2\x80");
  CHECK(shown("cut off \xC2") == "cut off \xC2");
}

TEST_CASE("a name cannot stand for another line or its address") {
  CHECK(shown("x [6.6.6.6:1] disconnected: not authorised. Client y") ==
        "x\\x20\\x5B6.6.6.6:1]\\x20disconnected:\\x20not\\x20authorised.\\x20Client\\x20y");
  CHECK(shown("New connection from 6.6.6.6:1 on port 1883.") ==
        "New\\x20connection\\x20from\\x206.6.6.6:1\\x20on\\x20port\\x201883.");
  CHECK(shown("[6.6.6.6:1]") == "\\x5B6.6.6.6:1]");
}
