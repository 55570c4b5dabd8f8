#include "sub/message_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "cli/options/choice.h"
#include "cli/output/message_format.h"
#include "cli/output/printable_text.h"
#include "mqtt/credentials/base64.h"

namespace sub {

namespace {

constexpr cli::Choices<OutputForm, 5> names{{
    {"json", OutputForm::json},
    {"text", OutputForm::text},
    {"raw", OutputForm::raw},
    {"hex", OutputForm::hex},
    {"csv", OutputForm::csv},
}};

constexpr std::string_view csv_header = "time,topic,qos,retain,payload\r\n";

/// RFC 4180: in quotes where it has to be, quotes doubled, all other bytes as they are.
void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

bool is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

/// The forms that are a matter of what the printer knows anyway.
cli::PrintOptions print_options(const OutputOptions& options) {
  cli::PrintOptions print = options.print;
  // Whoever asks for nothing but the bytes gets them.
  if (options.form == OutputForm::raw) {
    print.no_newline = true;
    if (print.escape == cli::When::automatic) print.escape = cli::When::never;
  }
  // A screen holds only as long as nothing moves on it by itself.
  if (options.watch && is_terminal()) print.escape = cli::When::always;
  if (options.form == OutputForm::hex) {
    print.format = *cli::MessageFormat::compile(print.verbose ? "%t %x" : "%x");
  }
  return print;
}

std::string complaint(std::string_view option, std::string_view topic, std::string_view reason) {
  std::string line = fmt::format("{}: topic \"", option);
  cli::append_printable(line, topic);
  line += "\": ";
  cli::append_printable(line, reason);
  return line + '\n';
}

}  // namespace

tl::expected<OutputForm, std::string> output_form(const std::string& name) {
  return cli::choose(name, names);
}

MessageOutput::MessageOutput(const OutputOptions& options)
    : options_(options),
      print_options_(print_options(options)),
      printer_(print_options_),
      is_safe_(print_options_.is_safe()),
      is_coloured_(print_options_.is_coloured()) {
  if (!options.watch) return;
  screen_ = is_terminal() ? TopicScreen(cli::window_size(STDOUT_FILENO)) : TopicScreen();
}

void MessageOutput::begin(std::string& out, std::string_view broker) {
  if (screen_) screen_->begin(out, broker);
  if (options_.form == OutputForm::csv) out += csv_header;
}

void MessageOutput::on_window_resized(std::string& out) {
  if (screen_ && is_terminal()) screen_->resize(out, cli::window_size(STDOUT_FILENO));
}

void MessageOutput::end(std::string& out) const {
  if (screen_) screen_->end(out);
}

void MessageOutput::print(std::string& out, const mqtt::Publish& message, std::string& complaints) {
  if (options_.decode.empty()) return filter(out, message, complaints);
  std::string payload(mqtt::as_text(message.payload));
  // An empty payload is no message in any coding: it is what removes a retained one.
  for (const PayloadCoding coding : options_.decode) {
    if (payload.empty()) break;
    auto decoded = decode_payload(coding, payload, message.properties);
    if (!decoded) {
      complaints += complaint("--decode", message.topic, decoded.error());
      return;
    }
    payload = std::move(*decoded);
  }
  mqtt::Publish shown = message;
  shown.payload = mqtt::as_bytes(payload);
  filter(out, shown, complaints);
}

void MessageOutput::filter(std::string& out, const mqtt::Publish& message,
                           std::string& complaints) {
  if (!options_.jq) return print_one(out, message, complaints);
  const JqFilter::Form form{options_.print.json_style == cli::JsonWriter::Style::pretty,
                            options_.raw_strings};
  const auto done = options_.jq->apply(message, mqtt::as_text(message.payload), form,
                                       [&](std::string_view result) {
                                         mqtt::Publish shown = message;
                                         shown.payload = mqtt::as_bytes(result);
                                         print_one(out, shown, complaints);
                                       });
  if (!done) complaints += complaint("--jq", message.topic, done.error());
}

void MessageOutput::print_one(std::string& out, const mqtt::Publish& message,
                              std::string& complaints) {
  if (!screen_) return print_in_form(out, message, complaints);
  line_.clear();
  print_in_form(line_, message, complaints);
  screen_->show(out, message.topic, line_);
}

void MessageOutput::print_in_form(std::string& out, const mqtt::Publish& message,
                                  std::string& complaints) {
  const std::size_t begin = out.size();
  switch (options_.form.value_or(OutputForm::raw)) {
    case OutputForm::text:
      return print_text(out, message);
    case OutputForm::json:
      print_json(out, message, complaints);
      break;
    case OutputForm::csv:
      print_csv(out, message);
      break;
    case OutputForm::raw:
    case OutputForm::hex:
      return printer_.print(out, message, complaints);
  }
  if (is_safe_) cli::escape_controls(out, begin);
  if (is_coloured_ && options_.form == OutputForm::json) cli::colour_json_keys(out, begin);
}

void MessageOutput::print_json(std::string& out, const mqtt::Publish& message,
                               std::string& complaints) {
  time_.set_now();
  const std::string_view payload = mqtt::as_text(message.payload);
  const cli::PrintContext context{message, time_, options_.print.json_style, complaints};
  if (!cli::append_message_json(out, context, true)) {
    const bool is_text = cli::is_utf8(payload);
    const std::string base64 =
        is_text ? "" : mqtt::to_base64(message.payload, mqtt::Base64Padding::padded);
    cli::append_message_json(out, context,
                             is_text ? cli::JsonPayload{"payload", payload, false}
                                     : cli::JsonPayload{"payload-base64", base64, false});
  }
  out += '\n';
}

void MessageOutput::print_text(std::string& out, const mqtt::Publish& message) const {
  if (options_.print.verbose) {
    if (is_coloured_) out += cli::colour::topic;
    cli::append_printable(out, message.topic);
    if (is_coloured_) out += cli::colour::end;
    out += ' ';
  }
  cli::append_printable(out, mqtt::as_text(message.payload));
  if (!options_.print.no_newline) out += '\n';
}

void MessageOutput::print_csv(std::string& out, const mqtt::Publish& message) {
  time_.set_now();
  time_.append_timestamp(out);
  out += ',';
  append_csv_field(out, message.topic);
  out += ',';
  out += static_cast<char>('0' + static_cast<int>(message.qos));
  out += message.retain ? ",1," : ",0,";
  append_csv_field(out, mqtt::as_text(message.payload));
  out += "\r\n";
}

}  // namespace sub
