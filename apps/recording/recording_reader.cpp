#include "recording/recording_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "mqtt/protocol/decode.h"
#include "recording/checksum.h"
#include "recording/file_layout.h"

namespace recording {

namespace {

/// Takes a number of seven bits a byte from the front of `bytes`; nothing if it does not end, or
/// has more bytes than it needs.
std::optional<std::uint64_t> take_variable(mqtt::ByteView& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < std::min(bytes.size(), most_gap_bytes); ++i) {
    const std::uint8_t byte = bytes[i];
    number |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return std::nullopt;
    bytes = bytes.subspan(i + 1);
    return number;
  }
  return std::nullopt;
}

constexpr std::uint64_t latest_time = std::numeric_limits<std::int64_t>::max();

}  // namespace

RecordingReader::Status RecordingReader::next(Record& record) {
  if (!error_.empty()) return Status::broken;
  while (block_.empty()) {
    if (open_block()) break;
    if (!error_.empty()) return Status::broken;
    if (advance()) continue;
    return error_.empty() ? Status::need_more : Status::broken;
  }
  return read_record(record) ? Status::record : Status::broken;
}

bool RecordingReader::advance() {
  return stage_ == Stage::header ? read_header() : decompress();
}

bool RecordingReader::read_header() {
  const std::string_view taken = input_.substr(0, header_bytes - header_.size());
  header_ += taken;
  input_.remove_prefix(taken.size());
  // What is no recording at all should be refused by its first bytes, however few there are.
  std::string expected;
  for (const char byte : to_little_endian(skippable_magic)) expected += byte;
  for (const char byte : to_little_endian(static_cast<std::uint32_t>(header_bytes - 8))) {
    expected += byte;
  }
  expected += magic;
  const std::size_t compared = std::min(expected.size(), header_.size());
  if (header_.compare(0, compared, expected, 0, compared) != 0) {
    return break_off(part_ == 0 ? "this is not a recording" : "what follows is not a recording");
  }
  if (header_.size() < header_bytes) return false;
  const auto found =
      from_little_endian<std::uint16_t>(std::string_view(header_).substr(expected.size()));
  const auto reserved = from_little_endian<std::uint16_t>(
      std::string_view(header_).substr(expected.size() + sizeof found));
  if (found != version || reserved != 0) {
    return break_off(
        fmt::format("a recording of version {}.{}, but this program reads version {}.0", found,
                    reserved, version));
  }
  header_.clear();
  stage_ = Stage::frame;
  time_ = std::chrono::nanoseconds(0);
  ++part_;
  return true;
}

bool RecordingReader::decompress() {
  plain_.erase(0, std::exchange(used_, 0));
  const std::size_t before = plain_.size();
  const auto step = decompressor_.decompress(input_, plain_);
  if (!step) return break_off("damaged: " + step.error());
  input_.remove_prefix(step->taken);
  if (step->frame_ended) {
    stage_ = Stage::header;
    // Blocks that are whole are read first; `open_block` has nothing to wait for then.
    return true;
  }
  return step->taken > 0 || plain_.size() > before;
}

bool RecordingReader::open_block() {
  const std::string_view rest = std::string_view(plain_).substr(used_);
  const bool more_comes = stage_ == Stage::frame;
  if (rest.empty()) return false;
  const auto wait_or_break = [&] {
    return more_comes ? false : break_off("damaged: it ends in the middle of a block");
  };
  if (rest.size() < block_head_bytes) return wait_or_break();
  const auto size = from_little_endian<std::uint32_t>(rest);
  if (size <= block_time_bytes || size > most_body_bytes) {
    return break_off(fmt::format("damaged: a block of {} bytes", size));
  }
  if (rest.size() < block_head_bytes + size) return wait_or_break();
  const std::string_view body = rest.substr(block_head_bytes, size);
  if (crc32c(body) != from_little_endian<std::uint32_t>(rest.substr(4))) {
    return break_off("damaged: the checksum of a block is wrong");
  }
  const auto time = from_little_endian<std::uint64_t>(body);
  if (time > latest_time || std::chrono::nanoseconds(time) < time_) {
    return break_off("damaged: a block is older than the one before");
  }
  time_ = std::chrono::nanoseconds(time);
  block_ = mqtt::as_bytes(body.substr(block_time_bytes));
  used_ += block_head_bytes + size;
  return true;
}

bool RecordingReader::read_record(Record& record) {
  const auto gap = take_variable(block_);
  if (!gap || *gap > latest_time - static_cast<std::uint64_t>(time_.count())) {
    return break_off("damaged: a record without a time");
  }
  const mqtt::FrameResult frame = mqtt::read_frame(block_, mqtt::max_encodable_size);
  if (frame.status != mqtt::FrameStatus::frame ||
      frame.frame.type_number() != static_cast<std::uint8_t>(mqtt::PacketType::publish)) {
    return break_off("damaged: a record without a message");
  }
  const auto message = mqtt::decode_publish(frame.frame, mqtt::ProtocolVersion::v5);
  if (!message || message->topic.empty()) {
    return break_off("damaged: a record whose message breaks the rules of MQTT");
  }
  time_ += std::chrono::nanoseconds(*gap);
  block_ = block_.subspan(frame.frame.size);
  record = {time_, *message, part_ - 1};
  return true;
}

bool RecordingReader::break_off(std::string reason) {
  error_ = std::move(reason);
  return false;
}

}  // namespace recording
