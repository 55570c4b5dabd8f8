#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "cli/output/json_writer.h"
#include "cli/output/local_time.h"
#include "mqtt/protocol/packet.h"

namespace cli {

/// Flags, width, precision and separator of one escape.
struct FieldLayout {
  bool left = false;
  bool zero = false;
  std::size_t width = 0;
  bool has_precision = false;
  std::size_t precision = 0;
  char separator = ' ';
};

/// What an escape may use while a message is printed.
struct PrintContext {
  const mqtt::Publish& message;
  LocalTime& time;  ///< the moment of printing
  JsonWriter::Style json_style;
  /// Complaints of the last message that could not be printed as asked, one sentence each, for
  /// stderr; empty if all went well.
  std::string& complaints;
  bool is_safe = false;  ///< what comes from the message is made harmless for a terminal
};

/// One escape of a format, or a run of literal text.
struct FormatPiece {
  using Print = void(std::string& out, const PrintContext& context, const FormatPiece& piece);
  Print* print = nullptr;  ///< nullptr: the piece is `text`
  std::string text;        ///< literal text, or the format for strftime
  FieldLayout layout;
};

/// A format string of -F, compiled once into a list of pieces.
class MessageFormat {
 public:
  /// The error says what is wrong.
  static tl::expected<MessageFormat, std::string> compile(std::string_view text);

  /// Appends `context.message` to `out` as the format says, without a newline of its own.
  void print(std::string& out, const PrintContext& context) const;

 private:
  std::vector<FormatPiece> pieces_;
};

/// The topic, payload, properties ... of a message as the JSON object of %j and %J. With `parse`
/// the payload stands in it as the JSON value that it is, else as a string. False if it is no JSON;
/// nothing is appended then.
bool append_message_json(std::string& out, const PrintContext& context, bool parse);

/// What stands in such an object for the payload.
struct JsonPayload {
  std::string_view key;
  std::string_view text;  ///< empty: null
  bool is_json;           ///< it is written as the value that it is, not as a string
};
bool append_message_json(std::string& out, const PrintContext& context, const JsonPayload& payload);

}  // namespace cli
