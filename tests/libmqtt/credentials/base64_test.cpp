#include "mqtt/credentials/base64.h"

#include <catch2/catch.hpp>

using mqtt::as_bytes;
using mqtt::Base64Padding;
using mqtt::from_base64;
using mqtt::to_base64;

namespace {

std::string decoded(std::string_view text, Base64Padding padding) {
  const auto bytes = from_base64(text, padding);
  return bytes ? std::string(mqtt::as_text(*bytes)) : std::string("refused");
}

}  // namespace

TEST_CASE("base64 is written and read as RFC 4648 shows it") {
  const auto [plain, padded, unpadded] = GENERATE(table<std::string, std::string, std::string>({
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xFB\xFF\xBF", "+/+/", "+/+/"},
  }));
  CHECK(to_base64(as_bytes(plain), Base64Padding::padded) == padded);
  CHECK(to_base64(as_bytes(plain), Base64Padding::none) == unpadded);
  CHECK(decoded(padded, Base64Padding::padded) == plain);
  CHECK(decoded(unpadded, Base64Padding::none) == plain);
}

TEST_CASE("what is not exactly base64 is refused") {
  const std::string padded = GENERATE("Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9",
                                      "Zm9v\n", "Zm-_", "Zh==", "Zm9=", "Zg==Zg==");
  CAPTURE(padded);
  CHECK(decoded(padded, Base64Padding::padded) == "refused");
  const std::string unpadded = GENERATE("Zg==", "Zm8=", "Z", "Zh", "Zm9vY");
  CAPTURE(unpadded);
  CHECK(decoded(unpadded, Base64Padding::none) == "refused");
}
