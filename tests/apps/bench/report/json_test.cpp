#include "bench/report/json.h"

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/bench/samples/sample_result.h"

namespace bench {
namespace {

using Json = nlohmann::json;

Result read_back(const Result& result) {
  auto read = result_from_json(to_json(result));
  INFO((read ? "" : read.error()));
  REQUIRE(read);
  return *std::move(read);
}

std::string error_of(Json json) {
  const auto read = result_from_json(json.dump());
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("a result in JSON is read back as it was") {
  Result result = samples::pair_result();
  result.settings.rate = 20'000.5;
  result.interrupted = true;
  result.limited_by_generator = "its busiest thread was never idle";
  result.checks.push_back({"p99<5ms", "7.21 ms", false});
  result.failures.emplace_back("expected p99<5ms: it is 7.21 ms");
  result.notes.emplace_back("\"quoted\" \\ \n\t\x01 ü");
  result.latencies[1].from_due_time = true;
  const Result read = read_back(result);

  CHECK(to_json(read) == to_json(result));
  CHECK(read.settings.started_at == result.settings.started_at);
  CHECK(*read.settings.rate == 20'000.5);
  CHECK(*read.settings.window == 20);
  CHECK(read.notes == result.notes);
  CHECK(read.broker->resident_connected == result.broker->resident_connected);
  CHECK_FALSE(read.generator.resident_connected);
  CHECK(read.intervals.size() == 11);

  SECTION("histograms too, so that any quantile can be asked of it") {
    REQUIRE(read.latencies.size() == 2);
    CHECK(read.latencies[1].name == "connect");
    CHECK(read.latencies[1].from_due_time);
    for (const double fraction : {0.0, 0.123, 0.5, 0.9, 0.9995, 1.0}) {
      CHECK(read.latencies[0].histogram.quantile(fraction) ==
            result.latencies[0].histogram.quantile(fraction));
    }
    CHECK(read.latencies[0].histogram.min() == 50'000);
    CHECK(read.latencies[0].histogram.max() == 5'000'000);
  }
}

TEST_CASE("every count is in the JSON") {
  using Numbers = std::array<std::uint64_t, sizeof(Counts) / sizeof(std::uint64_t)>;
  Numbers numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
  Result result;
  result.counts = std::bit_cast<Counts>(numbers);
  CHECK(std::bit_cast<Numbers>(read_back(result).counts) == numbers);
}

TEST_CASE("an empty result is valid JSON and read back") {
  const Result read = read_back(Result());
  CHECK(read.latencies.empty());
  CHECK_FALSE(read.broker);
  CHECK_FALSE(read.settings.window);
}

TEST_CASE("numbers that JSON has not, and bytes that are not UTF-8, do no harm") {
  Result result;
  result.duration = Seconds(0);
  result.figures.push_back({"drain-rate", std::nan(""), "/s"});
  result.settings.command_line = "mqtt-bench \xFF\xC3 pair";
  const Result read = read_back(result);
  CHECK(read.figures[0].value == 0);
  CHECK(read.settings.command_line == "mqtt-bench \uFFFD\uFFFD pair");
}

TEST_CASE("the names of JSON fields stay as they are documented") {
  const Json json = Json::parse(to_json(samples::pair_result()));
  CHECK(json["format"] == "mqtt-bench result");
  CHECK(json["format_version"] == 1);
  CHECK(json["passed"] == true);
  CHECK(json["settings"]["started_at"] == "2026-03-01T12:00:00.250Z");
  CHECK(json["rates"]["delivered_per_s"] == 1000);
  CHECK(json["rates"]["broker_cpu_us_per_delivery"].get<double>() == Approx(2));
  CHECK(json["rates"]["broker_bytes_per_connection"] == 700);
  CHECK(json["latencies"][0]["name"] == "end-to-end");
  CHECK(json["latencies"][0]["p99_9_ns"] == 5'000'000);
  CHECK(json["intervals"][0]["warm_up"] == true);
  CHECK(json["broker"]["resident_peak_bytes"] == 5'000'000);
}

TEST_CASE("JSON that is not a result is refused with the reason") {
  const Json good = Json::parse(to_json(samples::pair_result()));
  CHECK(result_from_json("{\"a\": tru").error() == "invalid JSON at byte 10");
  CHECK(error_of(Json::array()) == "not a result of mqtt-bench");
  CHECK(error_of({{"format", "something"}}) == "not a result of mqtt-bench");
  const auto changed = [&](const char* pointer, Json value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = std::move(value);
    return error_of(json);
  };
  CHECK(changed("/format_version", 2) == "unknown format_version 2; this version reads 1");
  CHECK(changed("/settings/qos", "1") == "settings.qos is not a whole number");
  CHECK(changed("/settings/qos", -1) == "settings.qos is not a whole number");
  CHECK(changed("/settings/qos", 5'000'000'000) == "settings.qos is not a whole number");
  CHECK(changed("/duration_s", -1) == "duration_s is not a number of seconds");
  CHECK(changed("/settings/started_at", "yesterday") ==
        "settings.started_at is not a time such as 2026-03-01T12:00:00.250Z");
  CHECK(changed("/counts", 5) == "counts is not an object");
  CHECK(changed("/intervals/3/p50_ns", true) == "intervals[3].p50_ns is not a whole number");
  CHECK(changed("/figures", "many") == "figures is not an array");
  CHECK(changed("/latencies/0/histogram/0", 7).starts_with("latencies[0].histogram is not a list"));
  CHECK(changed("/latencies/0/min_ns", 5'000'001).starts_with("latencies[0].histogram"));
}

TEST_CASE("fields that are missing or unknown are no error") {
  Json json = Json::parse(to_json(samples::pair_result()));
  json["later"] = "version";
  json.erase("notes");
  json["counts"].erase("lost");
  json["broker"] = nullptr;
  const auto read = result_from_json(json.dump());
  REQUIRE(read);
  CHECK(read->counts.delivered == 10'000);
  CHECK_FALSE(read->broker);
}

TEST_CASE("a comparison in JSON has every metric") {
  std::vector<Result> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(samples::pair_result());
  const Json json = Json::parse(to_json(compare("a", runs, "b", runs)));
  CHECK(json["format"] == "mqtt-bench comparison");
  CHECK(json["a"]["runs"] == 4);
  CHECK(json["metrics"][0]["metric"] == "rate");
  CHECK(json["metrics"][0]["unit"] == "/s");
  CHECK(json["metrics"][0]["a"]["median"] == 1000);
  CHECK(json["metrics"][0]["ratio"] == 1);
  CHECK(json["metrics"][0]["ratio_interval"] == Json::array({1, 1}));
  CHECK(json["metrics"][0]["finding"] == "within noise");
}

}  // namespace bench
