#include "recording/checksum.h"

#include <catch2/catch.hpp>
#include <string>

TEST_CASE("CRC-32C gives the sums of RFC 3720") {
  CHECK(recording::crc32c("123456789") == 0xE3069283);
  CHECK(recording::crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(recording::crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  CHECK(recording::crc32c("") == 0);
}
