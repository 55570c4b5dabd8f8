#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "mqtt/protocol/packet.h"
#include "runtime/sliced_work.h"

namespace broker {

/// What a session has asked for with one filter, and been granted.
struct Subscription {
  mqtt::SubscriptionOptions options;
  std::uint32_t identifier = 0;  ///< 0: none
};

/// The subscriptions of one session, by their filters as they stand in the tree (mounted, with
/// `$share`).
using SubscriptionSet = std::map<std::string, Subscription, std::less<>>;

/// What it takes to put a filter into a session and into the tree, or to take it out.
inline Steps cost_of_change(std::string_view filter) {
  return 10 + filter.size() / 2;
}

}  // namespace broker
