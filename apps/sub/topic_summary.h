#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sub {

/// How much came on which topic, since the beginning.
class TopicSummary {
 public:
  enum class Form : std::uint8_t { table, json };

  /// Topics beyond this number are counted together, so that nobody can fill our memory with names.
  static constexpr std::size_t most_topics = 100'000;

  /// A message of `bytes` bytes of payload that arrived at `moment`.
  void add(std::string_view topic, std::size_t bytes, const timespec& moment);
  /// Appends lines: a table in the order of topics with the sum below, or one JSON object.
  /// `seconds` since the beginning are what rates are computed with.
  void print(std::string& out, Form form, double seconds) const;

 private:
  struct Figures {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< of payload
    timespec last{};          ///< when the latest message came
  };
  static void count(Figures& figures, std::size_t bytes, const timespec& moment);
  void print_table(std::string& out, double seconds) const;
  void print_json(std::string& out, double seconds) const;

  std::map<std::string, Figures, std::less<>> topics_;
  Figures others_;  ///< topics beyond `most_topics`
  Figures all_;
};

}  // namespace sub
