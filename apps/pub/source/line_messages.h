#pragma once

#include "cli/input/input_reader.h"
#include "cli/input/line_splitter.h"
#include "mqtt/io/loop.h"
#include "pub/source/message_source.h"

namespace pub {

/// Each line of standard input is the payload of a message.
class LineMessages final : public MessageSource {
 public:
  /// `message` is lent: what all messages have in common.
  LineMessages(mqtt::io::Loop& loop, const OutgoingMessage& message);

  Step next(OutgoingMessage& message) override;
  void stop() override { input_.pause(); }

 private:
  void read();

  OutgoingMessage message_;
  cli::InputReader input_;
  cli::LineSplitter lines_;
  bool ended_ = false;
};

}  // namespace pub
