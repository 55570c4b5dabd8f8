#include "admin/subscription_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "mqtt/protocol/topic.h"
#include "runtime/inquiry.h"
#include "session/session_table.h"

namespace broker {
namespace {

/// Slots of the session table that a worker looks at in one turn.
constexpr std::size_t slots_a_turn = 1000;
/// Bytes that are gathered before they are written.
constexpr std::size_t write_size = 4000;

bool is_shared(const ListedSubscription& subscription) {
  return subscription.filter.starts_with("$share/");
}

/// The order of a tree: a level stands before what is below it, and that before the level's
/// neighbours.
bool stands_before(const ListedSubscription& a, const ListedSubscription& b) {
  if (is_shared(a) != is_shared(b)) return is_shared(b);
  const auto by_level = [](char one, char other) {
    const auto rank = [](char c) {
      return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)) + 1;
    };
    return rank(one) < rank(other);
  };
  if (a.filter != b.filter) {
    return std::ranges::lexicographical_compare(a.filter, b.filter, by_level);
  }
  return a.client_id < b.client_id;
}

/// What clients choose must not start a line or move the cursor of a terminal.
void append_printable(std::string& line, std::string_view text) {
  std::ranges::transform(text, std::back_inserter(line), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20U || byte == 0x7FU ? '?' : c;
  });
}

std::vector<std::string_view> levels_of(std::string_view filter) {
  std::vector<std::string_view> levels;
  while (filter.data() != nullptr) levels.push_back(mqtt::next_level(filter));
  return levels;
}

/// What one worker has gathered.
struct Part {
  SubscriptionListing::Result result;
  std::size_t next_slot = 0;

  void add(const Session& session, std::size_t most) {
    if (session.subscription_set() == nullptr) return;
    for (const auto& [filter, subscription] : *session.subscription_set()) {
      if (result.subscriptions.size() < most) {
        result.subscriptions.push_back(
            {filter, std::string(session.client_id()), subscription.options.qos});
      } else {
        ++result.left_out;
      }
    }
  }
};

}  // namespace

std::optional<SubscriptionListing::Result> SubscriptionListing::gather(std::stop_token stop) const {
  const std::size_t most_of_worker = most / contexts_.size();
  Inquiry<Part> inquiry(workers_,
                        [contexts = contexts_, most_of_worker](unsigned worker, Part& part) {
                          part.next_slot = contexts[worker]->sessions.for_some(
                              part.next_slot, slots_a_turn,
                              [&](const Session& session) { part.add(session, most_of_worker); });
                          return part.next_slot == 0;
                        });
  auto answers = inquiry.wait(std::move(stop));
  if (!answers.complete) return std::nullopt;
  Result whole;
  for (Part& part : answers.parts) {
    std::ranges::move(part.result.subscriptions, std::back_inserter(whole.subscriptions));
    whole.left_out += part.result.left_out;
  }
  return whole;
}

void write_tree(std::vector<ListedSubscription> subscriptions,
                const std::function<bool(std::string_view text)>& write) {
  std::ranges::sort(subscriptions, stands_before);
  std::string text;
  std::vector<std::string_view> path;  // of the line before
  for (const ListedSubscription& subscription : subscriptions) {
    std::vector<std::string_view> levels = levels_of(subscription.filter);
    const auto differs = std::ranges::mismatch(levels, path).in1;
    for (auto level = differs; level != levels.end(); ++level) {
      if (!path.empty() || level != levels.begin()) text += '\n';
      text.append(2 * static_cast<std::size_t>(level - levels.begin() + 2), ' ');
      append_printable(text, *level);
    }
    text += " (";
    append_printable(text, subscription.client_id);
    fmt::format_to(std::back_inserter(text), ", {})", static_cast<int>(subscription.qos));
    path = std::move(levels);
    if (text.size() < write_size) continue;
    if (!write(text)) return;
    text.clear();
  }
  if (!path.empty()) write(text += '\n');
}

}  // namespace broker
