// A recording: whatever the file holds, it is records that can be recorded and read again, or an
// error. The bytes come in one piece and in pieces of a few, which must make no difference. Since
// hardly any damage survives compression and checksums, an input that begins with 'p' is the plain
// body of a block, which is packed as a writer would.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "recording/checksum.h"
#include "recording/compression.h"
#include "recording/file_layout.h"
#include "recording/recording_reader.h"
#include "recording/recording_writer.h"

namespace {

using recording::RecordingReader;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::size_t records = 0;
  std::string again;  ///< what was read, recorded anew
  std::string error;
  bool complete = false;
};

Outcome read(std::string_view bytes, std::size_t chunk) {
  RecordingReader reader;
  Outcome outcome;
  recording::RecordingWriter writer(outcome.again);
  std::chrono::nanoseconds last{0};
  std::uint32_t part = 0;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(chunk, bytes.size()))) {
    reader.feed(bytes.substr(0, chunk));
    for (;;) {
      recording::Record record;
      const auto status = reader.next(record);
      if (status == RecordingReader::Status::need_more) break;
      if (status == RecordingReader::Status::broken) {
        outcome.error = reader.error();
        require(!outcome.error.empty());
        return outcome;
      }
      require(!record.message.topic.empty());
      require(record.part > part || record.time >= last);
      last = record.time;
      part = record.part;
      ++outcome.records;
      require(writer.add(record.time, record.message));
    }
  }
  writer.finish();
  outcome.complete = reader.is_complete();
  return outcome;
}

std::string packed(std::string_view body) {
  std::string bytes;
  recording::RecordingWriter header_only(bytes);
  std::string block;
  for (const char c : recording::to_little_endian(static_cast<std::uint32_t>(body.size())))
    block += c;
  for (const char c : recording::to_little_endian(recording::crc32c(body))) block += c;
  block += body;
  recording::Compressor().compress(block, recording::Compressor::Then::end, bytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with('p')) bytes = packed(std::string_view(bytes).substr(1));
  const Outcome whole = read(bytes, bytes.size());
  const Outcome pieces = read(bytes, 3);
  require(whole.records == pieces.records && whole.error == pieces.error &&
          whole.complete == pieces.complete);
  if (!whole.error.empty()) return 0;
  const Outcome again = read(whole.again, 100);
  require(again.complete && again.error.empty() && again.records == whole.records);
  return 0;
}
