#pragma once

#include <chrono>
#include <string>

#include "mqtt/protocol/packet.h"
#include "recording/compression.h"

namespace recording {

/// Appends a recording to a string, which may be emptied at any time.
///
/// Messages are collected in a block; `flush` closes it. Everything appended up to then can be read
/// without what follows, so a truncated recording loses only the open block.
class RecordingWriter {
 public:
  /// Appends the header. `out` must outlive the writer.
  explicit RecordingWriter(std::string& out);

  /// A message received at `time` since 1970; a time before the previous one counts as the same
  /// moment. Topic alias, packet identifier and DUP flag belong to the connection and are not kept.
  /// A full block is closed. False: nothing was added, since it does not fit into a packet (only a
  /// message of nearly 256 MB received over MQTT 3).
  bool add(std::chrono::nanoseconds time, const mqtt::Publish& message);

  /// Whether `flush` would write anything.
  bool has_open_block() const { return !block_.empty(); }
  void flush();
  /// Flushes and appends the end, by which a reader knows that nothing is missing. Nothing may be
  /// added after it.
  void finish();

 private:
  void open_block(std::chrono::nanoseconds time);

  std::string& out_;
  Compressor compressor_;
  std::string block_;  ///< the open block, with space for its head; empty: none
  std::chrono::nanoseconds last_time_{0};
};

}  // namespace recording
