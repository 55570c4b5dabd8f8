#pragma once

#include <chrono>
#include <string>

#include "mqtt/protocol/packet.h"
#include "recording/compression.h"

namespace recording {

/// Writes a recording at the end of a string, which others may empty at any time.
///
/// Messages are gathered into a block; `flush` closes it. What was appended up to then can be read
/// without anything that follows, so that a recording which breaks off loses the open block only.
class RecordingWriter {
 public:
  /// Appends the header. `out` must outlive the writer.
  explicit RecordingWriter(std::string& out);

  /// A message that came at `time` since 1970; earlier than the one before counts as the same
  /// moment. Whether it has a topic alias, a packet identifier or the DUP flag belongs to the
  /// connection that it came on, and is not kept. A block that is full is closed. False: nothing
  /// was added, a packet has no room for it (only a message of nearly 256 MB that came over MQTT
  /// 3).
  bool add(std::chrono::nanoseconds time, const mqtt::Publish& message);

  /// Whether there are messages that `flush` would write.
  bool has_open_block() const { return !block_.empty(); }
  void flush();
  /// Flushes and appends the end, which tells a reader that nothing is missing. Nothing may be
  /// added then.
  void finish();

 private:
  void open_block(std::chrono::nanoseconds time);

  std::string& out_;
  Compressor compressor_;
  std::string block_;  ///< the open one, with room for its head; empty: none
  std::chrono::nanoseconds last_time_{0};
};

}  // namespace recording
