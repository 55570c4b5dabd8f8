#pragma once

#include <http_parser.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// The head of an HTTP/1.1 request or response, collected from pieces of any size: what comes
/// before another protocol takes over the connection.
class HttpHead {
 public:
  enum class Kind : std::uint8_t { request, response };
  enum class Outcome : std::uint8_t { need_more, complete, malformed, too_long };

  /// At most `size_limit` bytes are accepted.
  HttpHead(Kind kind, std::size_t size_limit);
  ~HttpHead() = default;
  HttpHead(const HttpHead&) = delete;
  HttpHead& operator=(const HttpHead&) = delete;

  /// Removes bytes from the front of `bytes`, up to the end of the head.
  Outcome take(ByteView& bytes);

  /// The first byte; nullopt: nothing was received.
  std::optional<std::uint8_t> first_byte() const { return first_byte_; }

  // Once complete.

  bool is_http_1_1() const { return parser_.http_major == 1 && parser_.http_minor == 1; }
  std::string_view method() const;
  const std::string& target() const { return target_; }
  unsigned status() const { return parser_.status_code; }
  /// The values of a field, joined by commas if there are several; nullopt: none. Names are
  /// case-insensitive.
  std::optional<std::string> field(std::string_view name) const;
  /// Whether a field whose value is a list contains `token`, case-insensitively.
  bool field_has(std::string_view name, std::string_view token) const;

 private:
  static const http_parser_settings& settings();
  int on_field_name(std::string_view part);
  int on_field_value(std::string_view part);

  http_parser parser_{};
  std::size_t size_left_;
  std::optional<std::uint8_t> first_byte_;
  bool complete_ = false;
  bool in_value_ = true;
  std::string target_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// The elements of a comma-separated list, without spaces around them and without empty ones.
std::vector<std::string_view> split_http_list(std::string_view list);

}  // namespace mqtt::io
