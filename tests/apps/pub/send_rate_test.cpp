#include "pub/send_rate.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "pub/publish_progress.h"
#include "pub/publish_summary.h"

using namespace std::chrono_literals;
using pub::parse_send_rate;
using pub::SendPace;

TEST_CASE("A rate is messages per time", "[rate]") {
  CHECK(parse_send_rate("10") == 10);
  CHECK(parse_send_rate("10/s") == 10);
  CHECK(parse_send_rate("2.5k") == 2500);
  CHECK(parse_send_rate("1M/s") == 1e6);
  CHECK(parse_send_rate("600/min") == 10);
  CHECK(parse_send_rate("1k/min").value() == Approx(1000.0 / 60));
  CHECK(parse_send_rate("36/h").value() == Approx(0.01));
  for (const char* const text :
       {"", "x", "0", "-1", "10/", "10/x", "10 /s", "inf", "nan", "1e20", "k"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_send_rate(text));
  }
}

TEST_CASE("Messages are spread evenly", "[rate]") {
  SendPace pace(10);
  const SendPace::Time start = SendPace::Time(1h);
  CHECK(pace.wait(start) == 0ns);
  pace.sent(start);
  CHECK(pace.wait(start) == 100ms);
  CHECK(pace.wait(start + 30ms) == 70ms);
  SECTION("one that is late does not make the next one late") {
    pace.sent(start + 130ms);
    CHECK(pace.wait(start + 130ms) == 70ms);
  }
  SECTION("a long pause is not made good") {
    pace.sent(start + 10s);
    CHECK(pace.wait(start + 10s) == 0ns);
    pace.sent(start + 10s);
    CHECK(pace.wait(start + 10s) == 100ms);
  }
}

TEST_CASE("The summary counts what became of the messages", "[summary]") {
  const pub::PublishCounts counts{1000, 997, 1, 2, 12345};
  CHECK(pub::summary_line(counts, 2s, pub::SummaryForm::text) ==
        "sent 1000, acknowledged 997, failed 1, unanswered 2, 12345 bytes in 2.000 s, 500.0/s\n");
  CHECK(pub::summary_line(counts, 2s, pub::SummaryForm::json) ==
        "{\"sent\":1000,\"acknowledged\":997,\"failed\":1,\"unanswered\":2,\"bytes\":12345,"
        "\"seconds\":2.000000,\"rate\":500.0}\n");
  CHECK(pub::summary_line({}, 0s, pub::SummaryForm::text) ==
        "sent 0, acknowledged 0, failed 0, unanswered 0, 0 bytes in 0.000 s, 0.0/s\n");
}

TEST_CASE("Progress is one line that fits the terminal", "[summary]") {
  CHECK(pub::progress_text(500, 0.5, 10s, 79) ==
        "▕██████████          ▏   50 %  500 sent  50/s  0:10 left");
  CHECK(pub::progress_text(500, std::nullopt, 3700s, 79) == "500 sent  0/s  1:01:40");
  CHECK(pub::progress_text(500, 0.5, 10s, 30) == "▕██████████          ▏   50 %");
  CHECK(pub::progress_text(500, 0.5, 10s, 5).empty());
}
