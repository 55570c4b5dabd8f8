#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/load/load_plan.h"
#include "bench/load/message_header.h"

namespace bench {

/// The buffer in which a thread's publishers compose messages: space for the header, then the
/// filler, which stays.
class PayloadBuffer {
 public:
  explicit PayloadBuffer(const PayloadPlan& plan);

  /// Whether the filler differs from message to message.
  bool is_per_message() const { return plan_.text.has_value(); }
  /// Makes the filler of one message; does nothing unless `is_per_message`.
  void expand(const TopicValues& values);

  mqtt::ByteView filler() const { return mqtt::ByteView(bytes_).subspan(MessageHeader::size); }
  mqtt::MutableByteView bytes() { return bytes_; }

 private:
  void set_filler(const std::string& filler);

  const PayloadPlan& plan_;
  std::vector<std::uint8_t> bytes_;
  std::string text_;
};

}  // namespace bench
