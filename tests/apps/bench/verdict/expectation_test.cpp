#include "bench/verdict/expectation.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "apps/bench/samples/sample_result.h"

namespace bench {
namespace {

Check checked(const std::string& text, const Result& result) {
  const auto expectation = parse_expectation(text);
  INFO(text << (expectation ? "" : ": " + expectation.error()));
  REQUIRE(expectation);
  return evaluate(*expectation, result);
}

}  // namespace

TEST_CASE("an expectation is met or not, and says what was measured") {
  struct Row {
    const char* text;
    const char* measured;
    bool passed;
  };
  const Row rows[] = {
      {"rate>=1k/s", "1,000/s", true},
      {"rate>=1k", "1,000/s", true},
      {"rate>1000", "1,000/s", false},
      {"rate < 1000.5 /s", "1,000/s", true},
      {"loss=0", "0", true},
      {"loss<=0.1%", "0 %", true},
      {"delivered>=100%", "100 %", true},
      {"delivered==10k", "10,000", true},
      {"delivered!=10k", "10,000", false},
      {"p50<=3ms", "2.51 ms", true},
      {"p99<5ms", "4.98 ms", true},
      {"p99<4900us", "4.98 ms", false},
      {"p99.9<=0.01s", "5.00 ms", true},
      {"max=5ms", "5.00 ms", true},
      {"end-to-end.max=5000µs", "5.00 ms", true},
      {"connect.p99<100ms", "991 µs", true},
      {"connect.mean>1ms", "505 µs", false},
      {"cpu/msg<=2us", "2.00 µs", true},
      {"cpu/msg<2us", "2.00 µs", false},
      {"bytes/connection<1k", "700 B", true},
      {"bytes/connection<700", "700 B", false},
      {"memory<=4.8Mi", "4.77 MiB", true},
      {"bandwidth>63kB/s", "62.5 KiB/s", true},
      {"cpu<0.01", "0.002 cores", true},
      {"switches/msg<=0.1", "0.10", true},
      {"generator-load<80%", "25.0 %", true},
      {"duration>=10s", "10.0 s", true},
      {"connect-rate>=2.5k/s", "2,500/s", true},
      {"  loss  =  0  ", "0", true},
      {"p99>0", "4.98 ms", true},
  };
  const Result result = samples::pair_result();
  for (const Row& row : rows) {
    const Check check = checked(row.text, result);
    INFO(row.text);
    CHECK(check.measured == row.measured);
    CHECK(check.passed == row.passed);
    CHECK(check.expectation == row.text);
  }
}

TEST_CASE("losses and duplicates are counted, or a share of what could have been") {
  Result result = samples::pair_result();
  result.counts.lost = 50;
  result.counts.delivered = 9'950;
  result.counts.duplicated = 199;
  CHECK_FALSE(checked("loss=0", result).passed);
  CHECK(checked("loss<=50", result).passed);
  CHECK(checked("loss<=0.5%", result).passed);
  CHECK_FALSE(checked("loss<0.5%", result).passed);
  CHECK(checked("duplicates=2%", result).passed);
}

TEST_CASE("what was not measured does not pass") {
  Result result = samples::pair_result();
  result.broker.reset();
  result.latencies.clear();
  result.counts.expected = 0;
  for (const char* text : {"p99<5ms", "tls.p50<1s", "cpu/msg<=1s", "bytes/connection<1G", "loss=0",
                           "drain-rate>0", "loss<100%"}) {
    const Check check = checked(text, result);
    INFO(text);
    CHECK(check.measured == "not measured");
    CHECK_FALSE(check.passed);
  }
}

TEST_CASE("an expectation that cannot be read is explained") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"", "\"\", column 1: the name of a metric is expected, such as p99 or loss"},
      {"<5ms", "\"<5ms\", column 1: the name of a metric is expected, such as p99 or loss"},
      {"los=0", "\"los=0\", column 1: there is no metric \"los\", did you mean \"loss\"?"},
      {"conect.p99<1s",
       "\"conect.p99<1s\", column 1: there is no metric \"conect.p99\", did you mean "
       "\"connect.p99\"?"},
      {"p101<1s", "\"p101<1s\", column 1: a percentile lies between p0 and p100"},
      {"pnan<1s", "\"pnan<1s\", column 1: there is no metric \"pnan\""},
      {"qwertyuiop=1", "\"qwertyuiop=1\", column 1: there is no metric \"qwertyuiop\""},
      {"p99", "\"p99\", column 4: <, <=, >, >=, = or != is expected, but it ends here"},
      {"p99 ~ 5ms", "\"p99 ~ 5ms\", column 5: <, <=, >, >=, = or != is expected, not \"~ 5ms\""},
      {"p99<",
       "\"p99<\", column 5: a duration such as 5ms (ns, us, ms, s, min) is expected, but it "
       "ends here"},
      {"p99<5",
       "\"p99<5\", column 6: a duration such as 5ms (ns, us, ms, s, min) is expected, but "
       "it ends here"},
      {"p99<5 parsecs",
       "\"p99<5 parsecs\", column 7: a duration such as 5ms (ns, us, ms, s, min) is expected, not "
       "\"parsecs\""},
      {"p99<-5ms",
       "\"p99<-5ms\", column 5: a duration such as 5ms (ns, us, ms, s, min) is expected, not "
       "\"-5ms\""},
      {"rate>=fast",
       "\"rate>=fast\", column 7: a rate such as 50k/s (k, M, G) is expected, not \"fast\""},
      {"p99<5%",
       "\"p99<5%\", column 6: p99 has no percentage, a duration such as 5ms (ns, us, ms, s, min) "
       "is "
       "expected"},
      {"loss=0 and more",
       "\"loss=0 and more\", column 8: a number such as 0 or 10k (k, M, G) is expected, not \"and "
       "more\""},
      {"bytes/connection<1k/s",
       "\"bytes/connection<1k/s\", column 19: a size such as 1.5k or 64KiB (B, k, M, G, Ki, Mi, "
       "Gi) "
       "is expected, not \"k/s\""},
  };
  for (const Row& row : rows) {
    const auto expectation = parse_expectation(row.text);
    INFO(row.text);
    REQUIRE_FALSE(expectation);
    CHECK(expectation.error() == row.error);
  }
}

TEST_CASE("a ratio is expected as a number or a fraction") {
  CHECK(parse_ratio_expectation("cpu/msg<=1/20")->bound == Approx(0.05));
  CHECK(parse_ratio_expectation("rate >= 1.7 ")->bound == Approx(1.7));
  CHECK(parse_ratio_expectation("cpu/msg<=1/0").error() ==
        "\"cpu/msg<=1/0\", column 13: a ratio such as 0.9 or 1/20 is expected, but it ends here");
  CHECK(parse_ratio_expectation("p99<5ms").error() ==
        "\"p99<5ms\", column 6: nothing more is expected, not \"ms\"");
}

TEST_CASE("judging a run keeps every check, and adds those that failed to its failures") {
  Result result = samples::pair_result();
  result.failures.emplace_back("QoS 1: 3 messages lost");
  judge(std::vector{*parse_expectation("p99<1ms"), *parse_expectation("duplicates=0"),
                    *parse_expectation("tls.p99<1s")},
        result);
  REQUIRE(result.checks.size() == 3);
  CHECK(result.checks[1].passed);
  CHECK(result.failures == std::vector<std::string>{"QoS 1: 3 messages lost",
                                                    "expected p99<1ms: it is 4.98 ms",
                                                    "expected tls.p99<1s: not measured"});
}

TEST_CASE("every row of the table of metrics names metrics that can be found") {
  for (const MetricRow& row : metric_rows()) {
    std::string names = row.name;
    if (names == "min, mean, max") names = "mean";
    if (const auto place = names.find("<N>"); place != std::string::npos)
      names.replace(place, 3, "99");
    INFO(row.name);
    CHECK(find_metric(names));
    CHECK_FALSE(row.meaning.empty());
    CHECK(metric_help().find("  " + row.name + "  ") != std::string::npos);
  }
}

TEST_CASE("the manual explains every metric in the words of the table") {
  std::ifstream file(MQTT_SOURCE_DIR "/man/mqtt-bench.1");
  const std::string manual((std::istreambuf_iterator<char>(file)), {});
  REQUIRE_FALSE(manual.empty());
  for (const MetricRow& row : metric_rows()) {
    std::string meaning = row.meaning;
    meaning[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(meaning[0])));
    INFO(row.name);
    CHECK(manual.find(".It Li " + row.name + "\n" + meaning + ".\n") != std::string::npos);
  }
}

}  // namespace bench
