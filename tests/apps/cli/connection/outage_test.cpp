#include "cli/connection/outage.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string_view>

using namespace std::chrono_literals;
using mqtt::client::ConnectionEnd;

namespace {

ConnectionEnd end(std::string_view text) {
  ConnectionEnd end;
  end.cause = ConnectionEnd::Cause::unreachable;
  end.text = text;
  return end;
}

}  // namespace

TEST_CASE("An outage is told once, and again only for another reason, and its end") {
  cli::ConnectionOptions options;
  options.version = mqtt::ProtocolVersion::v5;
  cli::Outage outage(options);
  const cli::Outage::Clock::time_point begin{};
  CHECK(outage.on_connected(begin).empty());
  CHECK_FALSE(outage.is_under_way());

  CHECK(outage.on_lost(end("closed by the server"), begin) ==
        "Error: the connection was lost: closed by the server\nConnecting again.\n");
  CHECK(outage.is_under_way());
  const std::string refused = outage.on_lost(end("connection refused"), begin + 1s);
  CHECK(refused.starts_with("Error: cannot connect to localhost:1883: connection refused\n"));
  CHECK(outage.on_lost(end("connection refused"), begin + 2s).empty());
  CHECK_FALSE(outage.on_lost(end("no answer in time"), begin + 3s).empty());

  CHECK(outage.on_connected(begin + 4500ms) == "Connected again after 4.5 s.\n");
  CHECK_FALSE(outage.is_under_way());
  CHECK_FALSE(outage.on_lost(end("connection refused"), begin + 5s).empty());
}
