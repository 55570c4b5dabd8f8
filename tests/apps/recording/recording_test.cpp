#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/bytes.h"
#include "recording/recording_reader.h"
#include "recording/recording_writer.h"

using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::QoS;
using recording::Record;
using recording::RecordingReader;
using recording::RecordingWriter;
using std::chrono::nanoseconds;

namespace {

Publish message(std::string_view topic, std::string_view payload) {
  Publish made;
  made.topic = topic;
  made.payload = mqtt::as_bytes(payload);
  return made;
}

/// What a reader finds: "part time topic=payload" per record, and how it ends.
struct Reading {
  std::vector<std::string> records;
  std::string error;
  bool complete = false;
};

Reading read(std::string_view bytes, std::size_t chunk) {
  RecordingReader reader;
  Reading reading;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    reader.feed(bytes.substr(at, chunk));
    for (;;) {
      Record record;
      const auto status = reader.next(record);
      if (status == RecordingReader::Status::need_more) break;
      if (status == RecordingReader::Status::broken) {
        reading.error = reader.error();
        return reading;
      }
      reading.records.push_back(std::to_string(record.part) + " " +
                                std::to_string(record.time.count()) + " " +
                                std::string(record.message.topic) + "=" +
                                std::string(mqtt::as_text(record.message.payload)));
    }
  }
  reading.complete = reader.is_complete();
  return reading;
}

std::string three_messages() {
  std::string bytes;
  RecordingWriter writer(bytes);
  writer.add(nanoseconds(1000), message("a", "one"));
  writer.add(nanoseconds(1500), message("b", "two"));
  writer.flush();
  writer.add(nanoseconds(9'000'000'000), message("c", "three"));
  writer.finish();
  return bytes;
}

const std::vector<std::string> three_records{"0 1000 a=one", "0 1500 b=two",
                                             "0 9000000000 c=three"};

}  // namespace

TEST_CASE("A recording is read as it was written, however its bytes come") {
  const std::string bytes = three_messages();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const Reading reading = read(bytes, chunk);
    CHECK(reading.records == three_records);
    CHECK(reading.error.empty());
    CHECK(reading.complete);
  }
}

TEST_CASE(
    "A recording keeps all that belongs to a message, and nothing that belongs to its connection") {
  mqtt::PropertyList properties;
  properties.add(PropertyId::payload_format_indicator, 1);
  properties.add(PropertyId::message_expiry_interval, 4'000'000'000);
  properties.add(PropertyId::topic_alias, 7);
  properties.add(PropertyId::content_type, "text");
  properties.add(PropertyId::response_topic, "answers");
  properties.add(PropertyId::correlation_data, std::string_view("\0\xFF", 2));
  properties.add(PropertyId::subscription_identifier, 3);
  properties.add(PropertyId::subscription_identifier, 300);
  properties.add_user_property("k", "v");
  properties.add_user_property("k", "");
  Publish sent = message("a/b", std::string_view("\0\xFF\n", 3));
  sent.qos = QoS::exactly_once;
  sent.retain = true;
  sent.dup = true;
  sent.packet_id = 77;
  sent.properties = properties;
  std::string bytes;
  RecordingWriter writer(bytes);
  writer.add(nanoseconds(5), sent);
  writer.finish();

  RecordingReader reader;
  reader.feed(bytes);
  Record record;
  REQUIRE(reader.next(record) == RecordingReader::Status::record);
  const Publish& found = record.message;
  CHECK(found.topic == "a/b");
  CHECK(mqtt::as_text(found.payload) == std::string_view("\0\xFF\n", 3));
  CHECK(found.qos == QoS::exactly_once);
  CHECK(found.retain);
  CHECK_FALSE(found.dup);
  std::vector<mqtt::Property> kept;
  for (const mqtt::Property& property : properties.view()) {
    if (property.id != PropertyId::topic_alias) kept.push_back(property);
  }
  CHECK(std::vector<mqtt::Property>(found.properties.begin(), found.properties.end()) == kept);
}

TEST_CASE("A recording that breaks off at any byte is readable up to its last whole block") {
  const std::string bytes = three_messages();
  std::size_t most = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Reading reading = read(std::string_view(bytes).substr(0, size), 16);
    INFO(size << " bytes: " << reading.error);
    CHECK(reading.error.empty());
    CHECK_FALSE(reading.complete);
    const std::size_t count = reading.records.size();
    CHECK((count == 0 || count == 2 || count == 3));
    CHECK(count >= most);
    most = count;
    CHECK(std::equal(reading.records.begin(), reading.records.end(), three_records.begin()));
  }
  CHECK(most == 3);
}

TEST_CASE("What was flushed can be read before anything follows") {
  std::string bytes;
  RecordingWriter writer(bytes);
  writer.add(nanoseconds(1), message("a", "one"));
  CHECK(writer.has_open_block());
  CHECK(read(bytes, 64).records.empty());
  writer.flush();
  CHECK_FALSE(writer.has_open_block());
  CHECK(read(bytes, 64).records == std::vector<std::string>{"0 1 a=one"});
}

TEST_CASE("A byte that was changed anywhere is noticed, and no record is made of it") {
  const std::string bytes = three_messages();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const Reading reading = read(changed, changed.size());
      INFO("byte " << at << " bit " << bit);
      CHECK((!reading.error.empty() || !reading.complete));
      CHECK(reading.records.size() <= 3);
      CHECK(std::equal(reading.records.begin(), reading.records.end(), three_records.begin()));
    }
  }
}

TEST_CASE("What stands before the damage is read, however the bytes come") {
  std::string bytes = three_messages();
  bytes[bytes.size() - 12] = static_cast<char>(bytes[bytes.size() - 12] ^ 0x10);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    const Reading reading = read(bytes, chunk);
    INFO(chunk << ": " << reading.error);
    CHECK_FALSE(reading.error.empty());
    REQUIRE(reading.records.size() == 2);
    CHECK(std::equal(reading.records.begin(), reading.records.end(), three_records.begin()));
  }
}

TEST_CASE("Recordings in a row are read one after the other") {
  const Reading reading = read(three_messages() + three_messages(), 10);
  CHECK(reading.complete);
  REQUIRE(reading.records.size() == 6);
  CHECK(reading.records[3] == "1 1000 a=one");
  CHECK(read(three_messages() + "more", 100).error == "what follows is not a recording");
}

TEST_CASE("What is no recording is refused by its first bytes") {
  CHECK(read("{\"json\":1}", 1).error == "this is not a recording");
  CHECK(read("", 1).error.empty());
  CHECK_FALSE(read("", 1).complete);
  std::string next_version = three_messages();
  next_version[16] = 2;
  CHECK(read(next_version, 100).error ==
        "a recording of version 2.0, but this program reads version 1.0");
}

TEST_CASE("Times never go backwards in a recording") {
  std::string bytes;
  RecordingWriter writer(bytes);
  writer.add(nanoseconds(1000), message("a", "one"));
  writer.add(nanoseconds(10), message("b", "two"));
  writer.flush();
  writer.add(nanoseconds(20), message("c", "three"));
  writer.finish();
  CHECK(read(bytes, 100).records ==
        std::vector<std::string>{"0 1000 a=one", "0 1000 b=two", "0 1000 c=three"});
}

TEST_CASE("A block is closed when it is full, and a message may be larger than a block") {
  std::string bytes;
  RecordingWriter writer(bytes);
  const std::string large(300'000, 'x');
  writer.add(nanoseconds(1), message("a", large));
  CHECK_FALSE(writer.has_open_block());
  for (int i = 0; i < 1000; ++i) writer.add(nanoseconds(i + 2), message("topic", "payload"));
  writer.finish();
  const Reading reading = read(bytes, 1000);
  CHECK(reading.complete);
  REQUIRE(reading.records.size() == 1001);
  CHECK(reading.records[0] == "0 1 a=" + large);
  CHECK(bytes.size() < 10'000);
}
