#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <tl/expected.hpp>

#include "cli/input/loop_handle.h"
#include "cli/output/standard_output.h"
#include "mqtt/io/timer.h"
#include "mqtt/protocol/packet.h"
#include "recording/recording_writer.h"

namespace sub {

/// The descriptor of a new file to record into; closes it.
class RecordingFile {
 public:
  /// The error says why the file cannot be written.
  static tl::expected<RecordingFile, std::string> create(const std::string& path);
  RecordingFile(RecordingFile&& other) noexcept;
  RecordingFile& operator=(RecordingFile&&) = delete;
  ~RecordingFile();

  int descriptor() const { return descriptor_; }

 private:
  explicit RecordingFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Records messages as they arrive.
///
/// A block is closed when it is full, a short time after its first message, and at the end of a
/// turn with a message that must be acknowledged. So a killed program loses only recent QoS 0
/// messages. Used on the loop's thread.
class Recorder {
 public:
  /// The longest time that a QoS 0 message waits for its block to be closed.
  static constexpr std::chrono::milliseconds longest_wait{100};

  Recorder(mqtt::io::Loop& loop, cli::StandardOutput& output);

  /// The counts so far.
  struct Counts {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< of payload
  };
  const Counts& counts() const { return counts_; }

  /// A message that arrives now. False: it is too large to be recorded.
  bool add(const mqtt::Publish& message);
  /// Closes the block at the end of this turn.
  void flush_soon() { flush_soon_ = true; }
  /// For `StandardOutput::Events::before_write`.
  void end_turn();
  /// Whether everything that was added is in the output.
  bool is_flushed() const { return !writer_.has_open_block(); }
  /// Appends the end of the recording. Nothing is added after it.
  void finish();

 private:
  std::chrono::nanoseconds now() const;

  std::chrono::nanoseconds system_ahead_;  ///< the system's clock when the run began
  recording::RecordingWriter writer_;
  mqtt::io::Timer timer_;
  Counts counts_;
  bool flush_soon_ = false;
  bool finished_ = false;
};

}  // namespace sub
