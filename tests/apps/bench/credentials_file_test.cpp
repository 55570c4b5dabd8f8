#include "bench/credentials_file.h"

#include <catch2/catch.hpp>

namespace bench {

TEST_CASE("credentials are lines of user and password") {
  const auto all =
      parse_credentials("ann,secret\r\n\n\"b,ob\",\"say \"\"hi\"\"\"\ncarl,\n").value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].user_name == "ann");
  CHECK(all[0].password == "secret");
  CHECK(all[1].user_name == "b,ob");
  CHECK(all[1].password == "say \"hi\"");
  CHECK(all[2].user_name == "carl");
  CHECK(all[2].password.empty());
}

TEST_CASE("a line that is none is named by its number") {
  for (const auto* text : {"a,b\nc,d,e\n", "a,b\n\"c,d\n", "a,b\n\"c\"x,d\n"}) {
    CAPTURE(text);
    const auto parsed = parse_credentials(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().find("line 2") != std::string::npos);
  }
}

}  // namespace bench
