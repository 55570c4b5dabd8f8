#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sub {

/// How much came on which topic, since the beginning.
class TopicSummary {
 public:
  enum class Form : std::uint8_t { table, json };

  /// `depth`: topics are taken together by so many levels, see `topic_group`; 0: each by itself.
  explicit TopicSummary(std::size_t depth = 0) : depth_(depth) {}

  /// Topics beyond this number are counted together, so that nobody can fill our memory with names.
  static constexpr std::size_t most_topics = 100'000;

  /// A message of `bytes` bytes of payload that arrived at `moment`.
  void add(std::string_view topic, std::size_t bytes, const timespec& moment);
  /// Appends lines: a table with the sum below, or one JSON object; the topics of the highest rates
  /// first. `seconds` since the beginning are what rates are computed with. Only the first `top`
  /// topics have a row of their own; what is left is one row.
  void print(std::string& out, Form form, double seconds, std::size_t top = most_topics) const;

 private:
  struct Figures {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< of payload
    timespec last{};          ///< when the latest message came
  };
  struct Row {
    std::string_view topic;
    const Figures* figures;
  };
  /// The topics in their order, and what stands for all others.
  struct Rows {
    std::vector<Row> topics;
    Figures others;
  };

  static void count(Figures& figures, std::size_t bytes, const timespec& moment);
  static void add(Figures& sum, const Figures& figures);
  Rows rows(std::size_t top) const;
  void print_table(std::string& out, double seconds, const Rows& rows) const;
  void print_json(std::string& out, double seconds, const Rows& rows) const;

  std::size_t depth_;
  std::string scratch_;
  std::map<std::string, Figures, std::less<>> topics_;
  Figures others_;  ///< topics beyond `most_topics`
  Figures all_;
};

}  // namespace sub
