#include "access/files/psk_file.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace broker {
namespace {

using Key = std::vector<std::uint8_t>;

PskFile parsed(std::string_view text) {
  auto file = PskFile::parse(text);
  REQUIRE(file);
  return std::move(*file);
}

}  // namespace

TEST_CASE("A key is found by its identity") {
  const PskFile file =
      parsed("# devices\none:00aB\r\n two and more : fF \n\nnothing\nthree:01:rest");
  CHECK(file.size() == 3);
  CHECK(file.key("one") == Key{0x00, 0xAB});
  CHECK(file.key("two and more") == Key{0xFF});
  CHECK(file.key("three") == Key{0x01});
  CHECK_FALSE(file.key("on"));
  CHECK_FALSE(file.key(""));
  CHECK(file.warnings().empty());
}

TEST_CASE("An odd number of digits is a number") {
  CHECK(parsed("x:1").key("x") == Key{0x01});
  CHECK(parsed("x:abc").key("x") == Key{0x0A, 0xBC});
}

TEST_CASE("An empty key opens nothing") {
  CHECK_FALSE(parsed("x:").key("x"));
}

TEST_CASE("The first of two keys for one identity holds, and the file says so") {
  const PskFile file = parsed("x:01\nx:02\n");
  CHECK(file.key("x") == Key{0x01});
  REQUIRE(file.warnings().size() == 1);
  CHECK(file.warnings()[0] ==
        mqtt::LineNote{2, "the identity is given twice; the first one holds"});
}

TEST_CASE("A key file with mistakes is refused as a whole, with their lines") {
  const auto file = PskFile::parse("good:00\na:00 11\nb:0x11\n :00\n\n\xFF:00");
  REQUIRE_FALSE(file);
  CHECK(file.error() ==
        std::vector<mqtt::LineNote>{{2, "the key is not a row of hexadecimal digits"},
                                    {3, "the key is not a row of hexadecimal digits"},
                                    {4, "an identity is expected before the colon"},
                                    {6, "the identity is not a text of MQTT"}});
}

}  // namespace broker
