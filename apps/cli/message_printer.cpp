#include "cli/message_printer.h"

namespace cli {

void MessagePrinter::print(std::string& out, const mqtt::Publish& message,
                           std::string& complaints) {
  if (!options_.format) return print_plain(out, message);
  time_.set_now();
  options_.format->print(out, {message, time_, options_.json_style, complaints});
  if (!options_.no_newline) out += '\n';
}

void MessagePrinter::print_plain(std::string& out, const mqtt::Publish& message) const {
  const std::string_view payload = mqtt::as_text(message.payload);
  // An empty payload is no line at all, unless the topic makes it one.
  if (payload.empty() && (!options_.verbose || options_.no_newline)) return;
  if (options_.verbose) {
    out += message.topic;
    out += ' ';
  }
  out += payload.empty() ? "(null)" : payload;
  if (!options_.no_newline) out += '\n';
}

}  // namespace cli
