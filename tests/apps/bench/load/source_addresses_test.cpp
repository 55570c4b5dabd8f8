#include "bench/load/source_addresses.h"

#include <catch2/catch.hpp>

namespace bench {

TEST_CASE("source addresses are a list of addresses and ranges") {
  using List = std::vector<std::string>;
  CHECK(source_addresses("127.0.0.1").value() == List{"127.0.0.1"});
  CHECK(source_addresses("127.0.0.254-127.0.1.1").value() ==
        List{"127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"});
  CHECK(source_addresses("::1,10.0.0.1-10.0.0.2").value() == List{"::1", "10.0.0.1", "10.0.0.2"});
}

TEST_CASE("what is no source address is named") {
  for (const auto* text : {"", "localhost", "10.0.0.2-10.0.0.1", "10.0.0.1-", "10.0.0.1,"}) {
    CAPTURE(text);
    CHECK_FALSE(source_addresses(text).has_value());
  }
  CHECK_FALSE(source_addresses("1.0.0.0-2.0.0.0").has_value());
}

}  // namespace bench
