#pragma once

#include <cstddef>
#include <string>

namespace cli {

/// What a tool prints: gathered in memory, written in whole batches.
///
/// Always true: bytes are written in the order in which they were appended, and none is written
/// after the first failure. Writing waits for a slow reader; a tool that reads from a broker then
/// reads no more, which is all the back-pressure that is needed.
class OutputWriter {
 public:
  enum class State {
    open,
    closed_by_reader,  ///< the far end of the pipe is gone: the end of the work, not an error
    failed,            ///< such as a full disk; `error` says why
  };

  /// `descriptor` stays the caller's. Writing to a closed pipe must not kill the process: the
  /// caller ignores SIGPIPE.
  explicit OutputWriter(int descriptor) : descriptor_(descriptor) {}

  /// Append here.
  std::string& buffer() { return buffer_; }
  /// Whether so much is waiting that it should be written within a batch.
  bool is_full() const { return buffer_.size() >= batch_bytes; }
  /// Writes all that waits. Cheap if nothing does.
  State flush();
  State state() const { return state_; }
  const std::string& error() const { return error_; }

 private:
  static constexpr std::size_t batch_bytes = 64 * 1024;
  /// The memory of a larger batch (one large message) is given back.
  static constexpr std::size_t kept_bytes = 1024 * 1024;

  /// Waits until the descriptor, which someone made non-blocking, takes bytes again.
  void wait_until_writable() const;
  void stop(int error_number);

  int descriptor_;
  std::string buffer_;
  State state_ = State::open;
  std::string error_;
};

}  // namespace cli
