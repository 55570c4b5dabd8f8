#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Writes JSON, compact or indented by tabs, at the end of a string. The caller keeps to the
/// grammar: inside an object a `key` before every value.
class JsonWriter {
 public:
  enum class Style : std::uint8_t { compact, pretty };

  JsonWriter(std::string& out, Style style) : out_(out), style_(style) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  /// Any bytes; what is not valid UTF-8 passes through.
  void string(std::string_view text);
  void integer(std::uint64_t number);
  void signed_integer(std::int64_t number);
  /// 15 significant digits, or 17 where 15 are too few.
  void number(double value);
  void boolean(bool value);
  void null();

 private:
  struct Level {
    bool is_object;
    bool is_empty;
  };

  /// Comma and white space before a value.
  void before_value();
  void new_line(std::size_t depth);
  void append_quoted(std::string_view text);

  std::string& out_;
  Style style_;
  std::vector<Level> levels_;  ///< the objects and arrays that are open
};

}  // namespace cli
