#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/message_printer.h"
#include "cli/output/print_options.h"
#include "mqtt/protocol/packet.h"
#include "sub/jq_filter.h"
#include "sub/payload_decoding.h"
#include "sub/topic_screen.h"

namespace sub {

/// The format of messages without -F (--output).
enum class OutputForm : std::uint8_t {
  json,  ///< an object per line, as for %J, but always valid JSON
  text,  ///< the payload as one line that is safe for terminals
  raw,   ///< the payload's bytes, nothing else
  hex,   ///< the payload as a line of hexadecimal digits
  csv,   ///< a row of RFC 4180: time, topic, qos, retain, payload
};

/// The form called `name` on the command line.
tl::expected<OutputForm, std::string> output_form(const std::string& name);

/// How a message is processed and printed.
struct OutputOptions {
  cli::PrintOptions print;
  std::vector<PayloadCoding> decode;  ///< applied in order
  /// Each result is printed as if it were the payload. Shared, since options are copied.
  std::shared_ptr<JqFilter> jq;
  bool raw_strings = false;  ///< of --jq
  std::optional<OutputForm> form;
  bool watch = false;  ///< each topic has its own line on the screen
};

/// Appends messages to a string: decodes and filters their payloads, and writes them in the
/// requested form.
class MessageOutput {
 public:
  /// `options` must outlive it.
  explicit MessageOutput(const OutputOptions& options);

  /// The text before the first message.
  void begin(std::string& out, std::string_view broker);
  /// The window was resized; only used with `watch`.
  void on_window_resized(std::string& out);
  /// The text after the last message.
  void end(std::string& out) const;
  /// Messages that cannot be printed are skipped, with a line in `complaints` each.
  void print(std::string& out, const mqtt::Publish& message, std::string& complaints);

 private:
  void filter(std::string& out, const mqtt::Publish& message, std::string& complaints);
  void print_one(std::string& out, const mqtt::Publish& message, std::string& complaints);
  void print_in_form(std::string& out, const mqtt::Publish& message, std::string& complaints);
  void print_json(std::string& out, const mqtt::Publish& message, std::string& complaints);
  void print_text(std::string& out, const mqtt::Publish& message) const;
  void print_csv(std::string& out, const mqtt::Publish& message);

  const OutputOptions& options_;
  cli::PrintOptions print_options_;  ///< `options_.print`, as --output and -w change it
  cli::MessagePrinter printer_;
  bool is_safe_;
  bool is_coloured_;
  std::optional<TopicScreen> screen_;
  std::string line_;  ///< for the screen: the message as it is printed
  cli::LocalTime time_;
};

}  // namespace sub
