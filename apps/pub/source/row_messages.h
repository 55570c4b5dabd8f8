#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "cli/input/input_reader.h"
#include "mqtt/io/loop.h"
#include "pub/source/message_source.h"
#include "pub/source/message_template.h"
#include "pub/source/row_reader.h"

namespace pub {

/// Each row of a file, or of standard input, is a message.
class RowMessages final : public MessageSource {
 public:
  /// `path` "-" is standard input. `delimiter`: it is a CSV file with this between its fields.
  static tl::expected<std::unique_ptr<RowMessages>, std::string> open(mqtt::io::Loop& loop,
                                                                      const std::string& path,
                                                                      std::optional<char> delimiter,
                                                                      MessageTemplate message);
  ~RowMessages() override;

  Step next(OutgoingMessage& message) override;
  void stop() override { input_.pause(); }
  std::optional<double> share() const override;

 private:
  RowMessages(mqtt::io::Loop& loop, int descriptor, std::string name, std::uint64_t size,
              std::optional<char> delimiter, MessageTemplate message);
  void read();
  Step fail_at(std::size_t line, const std::string& what);

  int descriptor_;
  std::string name_;
  std::uint64_t size_;  ///< of a file; 0: it may grow for ever
  std::uint64_t read_bytes_ = 0;
  MessageTemplate template_;
  cli::InputReader input_;
  RowReader rows_;
  bool ended_ = false;
};

}  // namespace pub
