#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace bench {

/// The values of a template's placeholders.
struct TopicValues {
  std::uint64_t index = 0;     ///< %i: of the client in its group, from 0
  std::string_view client_id;  ///< %c
  std::string_view user_name;  ///< %u
  std::uint32_t run = 0;       ///< %r: number of the run, eight hexadecimal digits
  std::uint64_t message = 0;   ///< %n: of the message among those of its publisher, from 0
};

/// A topic, filter, client identifier or text with placeholders: %i, %c, %u, %r, %n, and %% for a
/// percent sign.
class TopicTemplate {
 public:
  TopicTemplate() = default;
  /// The error names the unknown placeholder.
  static tl::expected<TopicTemplate, std::string> parse(std::string_view text);
  /// For text that is known to be valid.
  static TopicTemplate of(std::string_view text) { return parse(text).value(); }

  std::string expand(const TopicValues& values) const;
  void expand_to(std::string& out, const TopicValues& values) const;

  /// The filter for all its values: a level with a placeholder becomes '+'.
  std::string as_filter() const;

  /// Whether it differs for each message (%n).
  bool is_per_message() const { return has('n'); }
  bool has(char placeholder) const;
  const std::string& text() const { return text_; }

 private:
  struct Part {
    char placeholder = 0;  ///< 0: literal text
    std::string text;
  };

  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace bench
