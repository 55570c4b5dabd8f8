#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mqtt/protocol/bytes.h"
#include "recording/compression.h"
#include "recording/record.h"

namespace recording {

/// Reads one or several recordings incrementally, as their bytes arrive.
///
/// Trusts nothing: a record is returned only from a complete block with a correct checksum, and
/// memory grows with the decompressed data, up to one block of the maximum size, never with an
/// announced length.
///
/// Use: feed(bytes); while (next(record) == record) ...; and again, until the bytes end; then ask
/// `is_complete`.
class RecordingReader {
 public:
  enum class Status : std::uint8_t {
    record,
    need_more,
    broken  ///< not a recording, or damaged: `error` says why; permanent
  };

  /// Lends `bytes` until `next` returns need_more; nothing may be fed before that.
  void feed(std::string_view bytes) { input_ = bytes; }
  /// A record's views are valid until the next call.
  Status next(Record& record);
  const std::string& error() const { return error_; }

  /// Whether the bytes so far are complete recordings. False after the last byte: the recording is
  /// truncated, and its open block is missing.
  bool is_complete() const { return stage_ == Stage::header && header_.empty() && part_ > 0; }

 private:
  enum class Stage : std::uint8_t { header, frame };

  /// Processes some input. False: nothing is left, more is needed, or `error_` is set.
  bool advance();
  bool read_header();
  bool decompress();
  /// The block at the front of `plain_`, if it is complete.
  bool open_block();
  bool read_record(Record& record);
  bool break_off(std::string reason);

  std::string_view input_;
  Stage stage_ = Stage::header;
  std::string header_;      ///< the part received so far
  std::uint32_t part_ = 0;  ///< the number of headers read
  Decompressor decompressor_;
  std::string plain_;     ///< decompressed: the open block, and what follows it
  std::size_t used_ = 0;  ///< bytes at the front of `plain_` that belong to closed blocks
  mqtt::ByteView block_;  ///< the unread part of the open block
  std::chrono::nanoseconds time_{0};  ///< of the previous record
  std::string error_;
};

}  // namespace recording
