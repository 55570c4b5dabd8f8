#include "mqtt/protocol/topic.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "support/naive_topic_match.h"

using namespace mqtt;

namespace {

/// All texts of 1 to `max_size` characters of `alphabet`.
std::vector<std::string> all_texts(const std::string& alphabet, std::size_t max_size) {
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0; begin < texts.size() && texts[begin].size() < max_size; ++begin) {
    for (const char character : alphabet) texts.push_back(texts[begin] + character);
  }
  texts.erase(texts.begin());
  return texts;
}

FilterError error_of(std::string_view text) {
  FilterError error{};
  CHECK_FALSE(TopicFilter::parse(text, &error));
  return error;
}

}  // namespace

TEST_CASE("a topic name is text of at least one character without wildcards") {
  // [MQTT-4.7.3-1] [MQTT-4.7.0-1] [MQTT-3.3.2-2]
  for (const std::string_view text :
       {"a", "/", "//", "a/b", " ", "$SYS/x", "\xC3\xA9/\xE2\x82\xAC"}) {
    INFO(text);
    REQUIRE(TopicName::parse(text));
    CHECK(TopicName::parse(text)->text() == text);
  }
  for (const std::string_view text : {"", "+", "#", "a/+", "a#", "\xFF", "a\nb"}) {
    INFO(text);
    CHECK_FALSE(TopicName::parse(text));
  }
  CHECK_FALSE(TopicName::parse(std::string_view("a\0b", 3)));  // [MQTT-4.7.3-2]
  CHECK(TopicName::parse("$SYS")->is_dollar());
  CHECK_FALSE(TopicName::parse("a$")->is_dollar());
}

TEST_CASE("a topic name has at most 65535 bytes and 201 levels") {  // [MQTT-4.7.3-3]
  CHECK(TopicName::parse(std::string(65535, 'a')));
  CHECK_FALSE(TopicName::parse(std::string(65536, 'a')));
  CHECK(TopicName::parse(std::string(200, '/')));
  CHECK_FALSE(TopicName::parse(std::string(201, '/')));
  std::string sparse;
  for (int i = 0; i < 200; ++i) sparse += "level/";
  CHECK(TopicName::parse(sparse));
  CHECK_FALSE(TopicName::parse(sparse + "x/"));
}

TEST_CASE("wildcards and separators of a topic name are seen at every place of it") {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0x20; byte < 0x7F; ++byte) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        if (TopicName::parse(text).has_value() != (byte != '+' && byte != '#')) {
          FAIL("character " << byte << " at " << at << " of " << size);
        }
      }
    }
  }
  // 200 separators and one more, behind any number of other characters, some not ASCII.
  for (std::size_t before = 0; before < 20; ++before) {
    for (const std::string& prefix :
         {std::string(before, 'a'), std::string(before, 'a') + "\xC3\xA9"}) {
      CHECK(TopicName::parse(prefix + std::string(200, '/')));
      CHECK_FALSE(TopicName::parse(prefix + std::string(201, '/')));
    }
  }
}

TEST_CASE("a filter is valid exactly if its wildcards stand alone in a level, '#' in the last") {
  // [MQTT-4.7.1-1] [MQTT-4.7.1-2]
  std::size_t valid = 0;
  for (const std::string& text : all_texts("a/+#$", 6)) {
    const bool expected = naive_topic_match::is_valid_filter(text);
    const auto filter = TopicFilter::parse(text);
    if (filter.has_value() != expected) FAIL(text);
    if (!expected) continue;
    ++valid;
    if (filter->text() != text || filter->filter() != text || filter->is_shared()) FAIL(text);
    if (filter->has_wildcard() != (text.find_first_of("+#") != std::string::npos)) FAIL(text);
  }
  CHECK(valid > 100);
}

TEST_CASE("what is no text is no filter") {
  CHECK(error_of("") == FilterError::malformed);  // [MQTT-4.7.3-1]
  CHECK(error_of("a/\xC0\x80") == FilterError::malformed);
  CHECK(error_of(std::string_view("a\0", 2)) == FilterError::malformed);  // [MQTT-4.7.3-2]
  CHECK(error_of(std::string(65536, 'a')) == FilterError::malformed);     // [MQTT-4.7.3-3]
  CHECK(error_of(std::string(201, '/')) == FilterError::malformed);
  CHECK(TopicFilter::parse(std::string(65535, 'a')));
  CHECK(TopicFilter::parse(std::string(200, '/')));
}

TEST_CASE("a shared filter has a share name and a filter") {  // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
  const auto shared = TopicFilter::parse("$share/group/a/+");
  REQUIRE(shared);
  CHECK(shared->is_shared());
  CHECK(shared->share_name() == "group");
  CHECK(shared->filter() == "a/+");
  CHECK(shared->text() == "$share/group/a/+");
  CHECK(shared->has_wildcard());

  SECTION("the filter may begin with a separator, or be one") {
    CHECK(TopicFilter::parse("$share/g//a")->filter() == "/a");
    CHECK(TopicFilter::parse("$share/g//")->filter() == "/");
  }
  SECTION("without a name it is none") {  // [MQTT-4.8.2-1]
    CHECK(error_of("$share//x") == FilterError::share_syntax);
    CHECK(error_of("$share//#") == FilterError::share_syntax);
    CHECK(error_of("$share///") == FilterError::share_syntax);
  }
  SECTION("without a filter it is none") {
    CHECK(error_of("$share") == FilterError::share_syntax);
    CHECK(error_of("$share/") == FilterError::share_syntax);
    CHECK(error_of("$share/g") == FilterError::share_syntax);
    CHECK(error_of("$share/g/") == FilterError::share_syntax);
    CHECK(error_of("$share//") == FilterError::share_syntax);
    CHECK(error_of("$share/#") == FilterError::share_syntax);
  }
  SECTION("a wildcard in the share name is malformed") {
    CHECK(error_of("$share/g+/x") == FilterError::malformed);
    CHECK(error_of("$share/#/x") == FilterError::malformed);
    CHECK(error_of("$share/+/x") == FilterError::malformed);
  }
  SECTION("other names that begin alike are plain filters") {
    for (const auto* text : {"$shared/g/x", "$shar/g/x", "$SHARE/g/x", "a/$share/g"}) {
      REQUIRE(TopicFilter::parse(text));
      CHECK_FALSE(TopicFilter::parse(text)->is_shared());
      CHECK(TopicFilter::parse(text)->share_name().empty());
    }
  }
}

TEST_CASE("matching follows the examples of the standard") {
  for (const auto* topic : {"sport/tennis/player1", "sport/tennis/player1/ranking",
                            "sport/tennis/player1/score/wimbledon"}) {
    CHECK(matches("sport/tennis/player1/#", topic));
  }
  CHECK(matches("sport/#", "sport"));
  CHECK(matches("sport/tennis/+", "sport/tennis/player1"));
  CHECK_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  CHECK_FALSE(matches("sport/+", "sport"));
  CHECK(matches("sport/+", "sport/"));
  CHECK(matches("+/+", "/finance"));
  CHECK(matches("/+", "/finance"));
  CHECK_FALSE(matches("+", "/finance"));
  CHECK_FALSE(matches("ACCOUNTS", "Accounts"));
  CHECK_FALSE(matches("#", "$SYS/x"));  // [MQTT-4.7.2-1]
  CHECK_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  CHECK(matches("$SYS/#", "$SYS/monitor/Clients"));
  CHECK(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
}

TEST_CASE("texts that look alike but differ in bytes do not match") {  // [MQTT-4.7.3-4]
  CHECK_FALSE(matches("\xC3\xA9", "e\xCC\x81"));
}

TEST_CASE("matching agrees with a naive matcher on all short filters and topics") {
  std::size_t matched = 0;
  const auto topics = all_texts("ab/$", 5);
  for (const std::string& filter : all_texts("a/+#$", 5)) {
    if (!TopicFilter::parse(filter)) continue;
    for (const std::string& topic : topics) {
      const bool expected = naive_topic_match::matches(filter, topic);
      matched += expected ? 1U : 0U;
      if (matches(filter, topic) != expected) FAIL(filter << " and " << topic);
    }
  }
  CHECK(matched > 1000);
}
