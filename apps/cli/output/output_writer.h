#pragma once

#include <cstddef>
#include <string>

namespace cli {

/// What a tool prints: gathered in memory, written in whole batches.
///
/// Always true: bytes are written in the order in which they were appended, and none is written
/// after the first failure.
class OutputWriter {
 public:
  enum class State {
    open,
    closed_by_reader,  ///< the far end of the pipe is gone: the end of the work, not an error
    failed,            ///< such as a full disk; `error` says why
  };

  /// `descriptor` stays the caller's, and stays blocking or not as it is. Writing to a closed pipe
  /// must not kill the process: the caller ignores SIGPIPE.
  explicit OutputWriter(int descriptor);

  /// Append here.
  std::string& buffer() { return buffer_; }
  /// Bytes that wait to be written.
  std::size_t waiting() const { return buffer_.size() - written_; }

  /// Writes as much as the reader takes without keeping us waiting.
  State flush_ready();
  /// Writes all of it, however long that takes.
  State flush();

  State state() const { return state_; }
  const std::string& error() const { return error_; }

 private:
  /// The memory of a larger batch (one large message) is given back.
  static constexpr std::size_t kept_bytes = 1024 * 1024;

  /// Whether `write_some` would not wait; with a `timeout_ms` of -1 waits until that is so.
  bool is_writable(int timeout_ms) const;
  void write_some();
  void stop(int error_number);

  int descriptor_;
  std::size_t most_at_once_;  ///< bytes that a writable descriptor takes without waiting
  std::string buffer_;
  std::size_t written_ = 0;  ///< how much of `buffer_` is out
  State state_ = State::open;
  std::string error_;
};

}  // namespace cli
