#include "pub/source_choice.h"

#include <utility>

#include "pub/source/file_messages.h"
#include "pub/source/line_messages.h"
#include "pub/source/message_template.h"
#include "pub/source/repeated_message.h"
#include "pub/source/row_messages.h"

namespace pub {

namespace {

using Kind = cli::PayloadSource::Kind;
using Source = tl::expected<std::unique_ptr<MessageSource>, std::string>;

tl::expected<MessageTemplate, std::string> message_template(const PubOptions& options) {
  return MessageTemplate::parse(*options.topic, options.connection.properties.publish_words);
}

Source rows(const PubOptions& options, mqtt::io::Loop& loop) {
  auto message = message_template(options);
  if (!message) return tl::unexpected(message.error());
  if (options.payload.kind != Kind::none) {
    const auto text = cli::load_payload(options.payload);
    if (!text) return tl::unexpected(text.error());
    const bool is_file = options.payload.kind == Kind::file;
    const auto set = message->set_payload(is_file ? "-f" : "-m", *text);
    if (!set) return tl::unexpected(set.error());
  }
  return RowMessages::open(loop, *options.each, options.delimiter, std::move(*message))
      .map([](auto source) -> std::unique_ptr<MessageSource> { return source; });
}

Source files(const PubOptions& options) {
  auto message = message_template(options);
  if (!message) return tl::unexpected(message.error());
  return files_of(options.each_file)
      .map([&message](std::vector<std::string> paths) -> std::unique_ptr<MessageSource> {
        return std::make_unique<FileMessages>(std::move(paths), std::move(*message));
      });
}

}  // namespace

Source make_source(const PubOptions& options, mqtt::io::Loop& loop) {
  if (options.each) return rows(options, loop);
  if (!options.each_file.empty()) return files(options);
  const OutgoingMessage message{*options.topic, {}, options.connection.properties.publish};
  if (options.payload.kind == Kind::stdin_lines) {
    return std::make_unique<LineMessages>(loop, message);
  }
  return cli::load_payload(options.payload)
      .map([&](std::string payload) -> std::unique_ptr<MessageSource> {
        return std::make_unique<RepeatedMessage>(message, std::move(payload), options.repeat);
      });
}

}  // namespace pub
