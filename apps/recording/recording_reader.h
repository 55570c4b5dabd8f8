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

/// Reads a recording, or several in a row, bit by bit as its bytes come.
///
/// Trusts nothing: a record is handed out only out of a block that is whole and whose checksum is
/// right, and memory grows with what was decompressed, up to one block of the largest size, never
/// with what a length announces.
///
/// Use: feed(bytes); while (next(record) == record) ...; and again, until the bytes end; then ask
/// `is_complete`.
class RecordingReader {
 public:
  enum class Status : std::uint8_t {
    record,
    need_more,
    broken  ///< this is no recording, or a damaged one: `error` says why; for ever
  };

  /// Lends `bytes` until `next` answers need_more; until then nothing may be fed.
  void feed(std::string_view bytes) { input_ = bytes; }
  /// A record's views are valid until the next call.
  Status next(Record& record);
  const std::string& error() const { return error_; }

  /// Whether the bytes up to now are whole recordings. False after the last byte: the recording
  /// broke off, and what was open then is missing.
  bool is_complete() const { return stage_ == Stage::header && header_.empty() && part_ > 0; }

 private:
  enum class Stage : std::uint8_t { header, frame };

  /// Does something with the input. False: there is nothing left to do, `error_` or more is needed.
  bool advance();
  bool read_header();
  bool decompress();
  /// The front of `plain_`, if that is a whole block.
  bool open_block();
  bool read_record(Record& record);
  bool break_off(std::string reason);

  std::string_view input_;
  Stage stage_ = Stage::header;
  std::string header_;      ///< as far as it has come
  std::uint32_t part_ = 0;  ///< how many headers were read
  Decompressor decompressor_;
  std::string plain_;     ///< decompressed: the open block, and what follows it
  std::size_t used_ = 0;  ///< bytes at the front of `plain_` that belong to closed blocks
  mqtt::ByteView block_;  ///< what is unread of the open block
  std::chrono::nanoseconds time_{0};  ///< of the record before
  std::string error_;
};

}  // namespace recording
