#include "cli/output/message_printer.h"

#include "cli/output/printable_text.h"

namespace cli {

MessagePrinter::MessagePrinter(const PrintOptions& options)
    : options_(options), is_safe_(options.is_safe()), is_coloured_(options.is_coloured()) {}

void MessagePrinter::print(std::string& out, const mqtt::Publish& message,
                           std::string& complaints) {
  if (!options_.format) return print_plain(out, message);
  time_.set_now();
  options_.format->print(out, {message, time_, options_.json_style, complaints, is_safe_});
  if (!options_.no_newline) out += '\n';
}

void MessagePrinter::print_plain(std::string& out, const mqtt::Publish& message) const {
  const std::string_view payload = mqtt::as_text(message.payload);
  // An empty payload is no line at all, unless the topic makes it one.
  if (payload.empty() && (!options_.verbose || options_.no_newline)) return;
  if (options_.verbose) {
    if (is_coloured_) out += colour::topic;
    append(out, message.topic);
    if (is_coloured_) out += colour::end;
    out += ' ';
  }
  append(out, payload.empty() ? "(null)" : payload);
  if (!options_.no_newline) out += '\n';
}

void MessagePrinter::append(std::string& out, std::string_view text) const {
  const std::size_t begin = out.size();
  out += text;
  if (is_safe_) escape_controls(out, begin);
}

}  // namespace cli
