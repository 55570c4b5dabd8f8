#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/topic.h"

/// Topics done the slow and obvious way, to compare the trees with, and random ones.
namespace naive {

inline std::vector<std::string> levels(std::string_view text) {
  std::vector<std::string> result(1);
  for (const char c : text) {
    if (c == '/') {
      result.emplace_back();
    } else {
      result.back() += c;
    }
  }
  return result;
}

inline bool matches(const std::vector<std::string>& filter, const std::vector<std::string>& topic,
                    std::size_t from = 0) {
  if (from == filter.size()) return from == topic.size();
  if (filter[from] == "#") return true;
  if (from == topic.size()) return false;
  if (filter[from] != "+" && filter[from] != topic[from]) return false;
  return matches(filter, topic, from + 1);
}

inline bool matches(std::string_view filter, std::string_view topic) {
  if (topic[0] == '$' && (filter[0] == '+' || filter[0] == '#')) return false;
  return matches(levels(filter), levels(topic));
}

/// Few and short texts, so that they meet; some that sort on either side of '/', some empty.
class RandomTopics {
 public:
  explicit RandomTopics(std::mt19937& random) : random_(random) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }

  std::string topic() {
    for (;;) {
      std::string text = join(1 + below(4), [this](std::size_t, std::size_t) { return level(); });
      if (!text.empty()) return text;
    }
  }

  std::string filter() {
    for (;;) {
      std::string text =
          join(1 + below(4), [this](std::size_t at, std::size_t count) -> std::string {
            if (at + 1 == count && one_in(4)) return "#";
            return one_in(3) ? "+" : level();
          });
      if (!text.empty()) return text;
    }
  }

 private:
  std::string level() {
    static constexpr std::string_view texts[] = {"a",  "b",  "c",  "a!", "a0",
                                                 "ab", "$x", "$S", "",   "\xC3\xA4"};
    return std::string(texts[below(std::size(texts))]);
  }

  template <typename Make>
  std::string join(std::size_t count, Make make) {
    std::string text;
    for (std::size_t at = 0; at < count; ++at) {
      if (at != 0) text += '/';
      text += make(at, count);
    }
    return text;
  }

  std::mt19937& random_;
};

inline mqtt::TopicFilter filter_of(std::string_view text) {
  return *mqtt::TopicFilter::parse(text);
}
inline mqtt::TopicName topic_of(std::string_view text) {
  return *mqtt::TopicName::parse(text);
}

}  // namespace naive
