#pragma once

#include <cstddef>
#include <cstdint>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/client_session.h"

namespace mqtt::client {

/// Bytes on their way from a session to a stream: appended at the end, taken from the front.
class OutputBuffer {
 public:
  /// Where a session appends.
  ClientSession::Bytes& end() { return bytes_; }

  ByteView unsent() const { return ByteView(bytes_).subspan(head_); }
  std::size_t size() const { return bytes_.size() - head_; }

  /// All bytes that were ever appended, and that were ever taken.
  std::uint64_t total_appended() const { return total_taken_ + size(); }
  std::uint64_t total_taken() const { return total_taken_; }

  /// The front `size` bytes are sent.
  void take(std::size_t size);
  /// Forgets what is unsent.
  void clear() { take(this->size()); }

 private:
  ClientSession::Bytes bytes_;
  std::size_t head_ = 0;
  std::uint64_t total_taken_ = 0;
};

}  // namespace mqtt::client
