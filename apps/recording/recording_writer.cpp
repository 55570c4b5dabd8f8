#include "recording/recording_writer.h"

#include <algorithm>
#include <array>

#include "mqtt/protocol/encode.h"
#include "recording/checksum.h"
#include "recording/file_layout.h"

namespace recording {

namespace {

template <typename Number>
void append_number(std::string& out, Number number) {
  const auto bytes = to_little_endian(number);
  out.append(bytes.data(), bytes.size());
}

void append_variable(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>((number & 0x7F) | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

void append_header(std::string& out) {
  append_number(out, skippable_magic);
  append_number(out, static_cast<std::uint32_t>(magic.size() + 2 + 2));
  out += magic;
  append_number(out, version);
  append_number(out, std::uint16_t{0});
}

mqtt::PropertyList without_alias(const mqtt::Properties& properties) {
  mqtt::PropertyList kept;
  for (const mqtt::Property& property : properties) {
    if (property.id != mqtt::PropertyId::topic_alias) kept.add(property);
  }
  return kept;
}

}  // namespace

RecordingWriter::RecordingWriter(std::string& out) : out_(out) {
  append_header(out_);
}

bool RecordingWriter::add(std::chrono::nanoseconds time, const mqtt::Publish& message) {
  mqtt::Publish kept = message;
  kept.dup = false;
  kept.packet_id = message.qos == mqtt::QoS::at_most_once ? 0 : 1;
  mqtt::PropertyList properties;
  if (message.properties.contains(mqtt::PropertyId::topic_alias)) {
    properties = without_alias(message.properties);
    kept.properties = properties;
  }
  const std::size_t size = mqtt::encoded_size(kept, mqtt::ProtocolVersion::v5);
  if (size > mqtt::max_encodable_size) return false;

  time = std::max(time, last_time_);
  if (!has_open_block()) open_block(time);
  append_variable(block_, static_cast<std::uint64_t>((time - last_time_).count()));
  last_time_ = time;
  const std::size_t begin = block_.size();
  block_.resize(begin + size);
  mqtt::encode(kept, mqtt::ProtocolVersion::v5,
               reinterpret_cast<std::uint8_t*>(block_.data() + begin));
  if (block_.size() >= block_head_bytes + full_block_bytes) flush();
  return true;
}

void RecordingWriter::open_block(std::chrono::nanoseconds time) {
  block_.assign(block_head_bytes, '\0');  // known when the block is closed
  append_number(block_, static_cast<std::uint64_t>(time.count()));
  last_time_ = time;
}

void RecordingWriter::flush() {
  if (!has_open_block()) return;
  const std::string_view body = std::string_view(block_).substr(block_head_bytes);
  const auto size = to_little_endian(static_cast<std::uint32_t>(body.size()));
  const auto sum = to_little_endian(crc32c(body));
  std::copy(sum.begin(), sum.end(), std::copy(size.begin(), size.end(), block_.begin()));
  compressor_.compress(block_, Compressor::Then::flush, out_);
  block_.clear();
  if (block_.capacity() > 2 * full_block_bytes) block_.shrink_to_fit();
}

void RecordingWriter::finish() {
  flush();
  compressor_.compress({}, Compressor::Then::end, out_);
}

}  // namespace recording
