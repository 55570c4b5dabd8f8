#pragma once

#include <string>
#include <string_view>

#include "cli/output/local_time.h"
#include "cli/output/print_options.h"
#include "mqtt/protocol/packet.h"

namespace cli {

/// Prints messages at the end of a string, as the options say.
class MessagePrinter {
 public:
  explicit MessagePrinter(const PrintOptions& options);

  /// What could not be printed as asked is described in `complaints`, one line each.
  void print(std::string& out, const mqtt::Publish& message, std::string& complaints);

 private:
  void print_plain(std::string& out, const mqtt::Publish& message) const;

  void append(std::string& out, std::string_view text) const;

  const PrintOptions& options_;
  bool is_safe_;
  bool is_coloured_;
  LocalTime time_;
};

}  // namespace cli
