#include "output_buffer.h"

namespace mqtt::client {
namespace {

/// Memory that an empty buffer keeps for the next turn.
constexpr std::size_t kept_capacity = 64 * 1024;

}  // namespace

void OutputBuffer::take(std::size_t size) {
  head_ += size;
  total_taken_ += size;
  if (head_ == bytes_.size()) {
    bytes_.clear();
    head_ = 0;
    if (bytes_.capacity() > kept_capacity) ClientSession::Bytes().swap(bytes_);
  } else if (head_ >= kept_capacity && head_ * 2 >= bytes_.size()) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

}  // namespace mqtt::client
