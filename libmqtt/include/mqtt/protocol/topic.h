#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mqtt {

/// At most this many '/' in a topic name or filter: 201 levels.
inline constexpr std::size_t max_topic_separators = 200;

/// A valid topic name: a view that has passed the checks of MQTT 5.0 section 4.7 (1 to 65535 bytes,
/// valid UTF-8, no wildcard, at most `max_topic_separators`).
class TopicName {
 public:
  static std::optional<TopicName> parse(std::string_view text);
  /// For text that was parsed before (stored, or a part of a message).
  static TopicName from_valid(std::string_view text) { return TopicName(text); }

  std::string_view text() const { return text_; }
  /// Begins with '$': wildcards at the first level of a filter do not match it [MQTT-4.7.2-1].
  bool is_dollar() const { return text_.front() == '$'; }

 private:
  explicit TopicName(std::string_view text) : text_(text) {}
  std::string_view text_;
};

/// What is wrong with a topic filter. The two kinds are answered differently (see the broker).
enum class FilterError : std::uint8_t {
  malformed,  ///< bad UTF-8, empty, misplaced wildcard, too many levels, wildcard in the share name
  share_syntax,  ///< `$share` without a share name, or without a filter after it
};

/// A valid topic filter, plain or shared (`$share/{ShareName}/{filter}`); a view.
class TopicFilter {
 public:
  static std::optional<TopicFilter> parse(std::string_view text, FilterError* error = nullptr);

  /// As the client wrote it, with `$share/...`.
  std::string_view text() const { return text_; }
  /// The part that topics are compared with.
  std::string_view filter() const { return text_.substr(filter_begin_); }
  bool is_shared() const { return filter_begin_ != 0; }
  /// Empty unless shared.
  std::string_view share_name() const;
  bool has_wildcard() const { return has_wildcard_; }

 private:
  TopicFilter() = default;
  std::string_view text_;
  std::size_t filter_begin_ = 0;
  bool has_wildcard_ = false;
};

/// Whether `topic` (a valid topic name) matches `filter` (a valid filter without `$share`),
/// MQTT 5.0 section 4.7.
bool matches(std::string_view filter, std::string_view topic);

/// Takes the first level off `rest`: "a/b/c" gives "a" and leaves "b/c"; the last level leaves
/// `rest` with a null data pointer, so that an empty last level ("a/") is still seen.
/// Use: for (auto rest = topic; rest.data();) { auto level = next_level(rest); ... }
inline std::string_view next_level(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    const std::string_view level = rest;
    rest = std::string_view();
    return level;
  }
  const std::string_view level = rest.substr(0, slash);
  rest = rest.substr(slash + 1);
  return level;
}

}  // namespace mqtt
