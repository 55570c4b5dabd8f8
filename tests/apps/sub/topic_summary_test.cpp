#include "sub/topic_summary.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <string>

using sub::TopicSummary;

namespace {

std::string table(const TopicSummary& summary, double seconds) {
  std::string out;
  summary.print(out, TopicSummary::Form::table, seconds);
  return out;
}

std::string json(const TopicSummary& summary, double seconds) {
  std::string out;
  summary.print(out, TopicSummary::Form::json, seconds);
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A summary counts messages and bytes of each topic") {
  setenv("TZ", "UTC0", 1);
  tzset();
  TopicSummary summary;
  summary.add("b", 10, {1, 0});
  summary.add("a", 1, {2, 0});
  summary.add("b", 20, {3, 0});

  SECTION("as a table, the highest rate first") {
    CHECK(table(summary, 2) ==
          "    messages   per second           bytes  last                      topic\n"
          "           2        1.000              30  1970-01-01T00:00:03+0000  b\n"
          "           1        0.500               1  1970-01-01T00:00:02+0000  a\n"
          "           3        1.500              31  1970-01-01T00:00:03+0000  "
          "(2 topics in 2.0 seconds)\n");
  }
  SECTION("as JSON") {
    CHECK(json(summary, 2) ==
          R"({"seconds":2,"messages":3,"rate":1.5,"bytes":31,"last":"1970-01-01T00:00:03+0000",)"
          R"("topics":[{"topic":"b","messages":2,"rate":1,"bytes":30,)"
          R"("last":"1970-01-01T00:00:03+0000"},{"topic":"a","messages":1,"rate":0.5,"bytes":1,)"
          R"("last":"1970-01-01T00:00:02+0000"}]})"
          "\n");
  }
}

TEST_CASE("Of a summary the first topics can be had, the others as one") {
  setenv("TZ", "UTC0", 1);
  tzset();
  TopicSummary summary;
  for (const char* topic : {"b", "a", "c", "c"}) summary.add(topic, 5, {topic[0], 0});
  std::string out;
  summary.print(out, TopicSummary::Form::table, 1, 1);
  CHECK(contains(out, " 2        2.000              10  1970-01-01T00:01:39+0000  c\n"));
  CHECK(
      contains(out, " 2        2.000              10  1970-01-01T00:01:38+0000  (other topics)\n"));
  CHECK_FALSE(contains(out, "  a\n"));
  CHECK(contains(out, "(3 topics in"));
  out.clear();
  summary.print(out, TopicSummary::Form::json, 1, 2);
  CHECK(contains(out, "{\"topic\":\"c\""));
  CHECK(contains(out, "{\"topic\":\"a\""));  // equal rates: by name
  CHECK(contains(out, "\"others\":{\"messages\":1,"));
}

TEST_CASE("A summary takes topics together by their first levels") {
  TopicSummary summary(1);
  for (const char* topic : {"a/1", "a/2/x", "a", "b/1"}) summary.add(topic, 1, {1, 0});
  const std::string text = table(summary, 1);
  CHECK(contains(text, " 2        2.000               2  1970-01-01T00:00:01+0000  a/#\n"));
  CHECK(contains(text, "  a\n"));
  CHECK(contains(text, "  b/#\n"));
  CHECK(contains(text, "(3 groups of topics in"));
}

TEST_CASE("A summary of nothing says so") {
  const TopicSummary summary;
  CHECK(contains(table(summary, 0), "(0 topics in 0.0 seconds)"));
  CHECK(json(summary, 0) ==
        "{\"seconds\":0,\"messages\":0,\"rate\":0,\"bytes\":0,\"last\":null,\"topics\":[]}\n");
}

TEST_CASE("A summary counts topics beyond its limit together") {
  TopicSummary summary;
  for (std::size_t i = 0; i < TopicSummary::most_topics + 3; ++i) {
    summary.add(std::to_string(i), 2, {1, 0});
  }
  CHECK(contains(table(summary, 1), " 6  1970-01-01T00:00:01+0000  (other topics)\n"));
  CHECK(contains(json(summary, 1), "\"others\":{\"messages\":3,\"rate\":3,\"bytes\":6,"));
  CHECK(contains(json(summary, 1), "\"messages\":100003,"));
}
