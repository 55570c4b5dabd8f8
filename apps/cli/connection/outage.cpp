#include "cli/connection/outage.h"

#include <fmt/format.h>

#include <utility>

#include "cli/connection/client_setup.h"

namespace cli {

std::string Outage::on_lost(const mqtt::client::ConnectionEnd& end, Clock::time_point now) {
  const bool was_connected = !since_.has_value();
  std::string words = final_word(end, options_, was_connected).message;
  if (was_connected) {
    since_ = now;
    words += "Connecting again.\n";
  }
  if (std::exchange(told_, words) == words) return {};
  return words;
}

std::string Outage::on_connected(Clock::time_point now) {
  if (!since_) return {};
  const std::chrono::duration<double> out = now - *std::exchange(since_, std::nullopt);
  told_.clear();
  return fmt::format("Connected again after {:.1f} s.\n", out.count());
}

}  // namespace cli
