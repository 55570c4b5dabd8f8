#include "bench/result/result.h"

#include <catch2/catch.hpp>

namespace bench {

TEST_CASE("the generator was the limit if it was busy and the broker was not") {
  Result result;
  result.busiest_thread = 0.97;
  CHECK(result.generator_was_limit());  // the broker was not watched

  ProcessUsage& broker = result.broker.emplace();
  broker.busiest_thread = 0.6;
  CHECK(result.generator_was_limit());
  broker.busiest_thread = 0.99;
  CHECK_FALSE(result.generator_was_limit());

  result.busiest_thread = 0.5;
  CHECK_FALSE(result.generator_was_limit());
}

}  // namespace bench
