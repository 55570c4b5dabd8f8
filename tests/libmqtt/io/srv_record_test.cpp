#include "io/srv_record.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "io/connect_error.h"
#include "support/dns_server.h"

namespace mqtt::io::test {
namespace {

using mqtt::test::dns_answer;
using mqtt::test::DnsRecord;
using mqtt::test::srv;

std::vector<std::string> targets(const std::vector<SrvRecord>& records) {
  std::vector<std::string> names;
  for (const SrvRecord& one : records) names.push_back(one.target);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an answer of a name server is read", "[srv]") {
  constexpr auto name = "_mqtt._tcp.example.org";
  SECTION("records with all their fields") {
    const auto records =
        parse_srv_answer(dns_answer(name, {srv(10, 5, 1883, "a.example.org"), srv(20, 0, 8, "b")}));
    REQUIRE(records);
    CHECK(*records == std::vector<SrvRecord>{{10, 5, 1883, "a.example.org"}, {20, 0, 8, "b"}});
  }
  SECTION("records of other types are passed over") {
    constexpr std::uint16_t cname = 5;
    const auto records =
        parse_srv_answer(dns_answer(name, {DnsRecord{cname, {1, 'x', 0}}, srv(0, 0, 1, "b")}));
    REQUIRE(records);
    CHECK(targets(*records) == Names{"b"});
  }
  SECTION("no record, and the record that says nobody") {
    CHECK(parse_srv_answer(dns_answer(name, {})).error() == no_such_service);
    CHECK(parse_srv_answer(dns_answer(name, {srv(0, 0, 0, ".")})).error() == service_not_offered);
  }
  SECTION("a record that is too short, one without an end, and an answer that is cut off") {
    CHECK(parse_srv_answer(dns_answer(name, {DnsRecord{33, {0, 1, 0, 1}}})).error() ==
          bad_service_answer);
    CHECK(
        parse_srv_answer(dns_answer(name, {DnsRecord{33, {0, 1, 0, 1, 0, 1, 63, 'x'}}})).error() ==
        bad_service_answer);
    const std::vector<std::uint8_t> whole = dns_answer(name, {srv(10, 5, 1883, "a.example.org")});
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(parse_srv_answer(ByteView(whole).first(size)));
    }
  }
  SECTION("of very many only so many are kept") {
    CHECK(parse_srv_answer(dns_answer(name, std::vector<DnsRecord>(500, srv(0, 0, 1, "b"))))
              ->size() == max_srv_records);
  }
}

TEST_CASE("records are tried by priority, and by weight among equals [RFC 2782]", "[srv]") {
  const auto lowest = [](std::uint32_t) { return 0U; };
  const auto highest = [](std::uint32_t most) { return most; };
  SECTION("the lowest priority comes first, whatever the weights") {
    std::vector<SrvRecord> records{{20, 99, 1, "late"}, {10, 1, 1, "early"}, {15, 0, 1, "between"}};
    order_by_weight(records, highest);
    CHECK(targets(records) == Names{"early", "between", "late"});
  }
  SECTION("who is drawn comes next, and those of weight 0 are drawn by 0 alone") {
    std::vector<SrvRecord> records{{1, 3, 1, "three"}, {1, 0, 1, "none"}, {1, 7, 1, "seven"}};
    order_by_weight(records, lowest);
    CHECK(targets(records) == Names{"none", "three", "seven"});
    order_by_weight(records, highest);
    CHECK(targets(records) == Names{"seven", "three", "none"});
  }
  SECTION("in the long run each comes first as often as its weight says") {
    std::mt19937 random(1);
    std::map<std::string, int> firsts;
    for (int i = 0; i < 10'000; ++i) {
      std::vector<SrvRecord> records{{1, 10, 1, "one"}, {1, 30, 1, "three"}};
      order_by_weight(records, [&random](std::uint32_t most) {
        return std::uniform_int_distribution<std::uint32_t>(0, most)(random);
      });
      ++firsts[records.front().target];
    }
    // 10 of 40, with the one in 41 that 0 adds to the first.
    CHECK(firsts["one"] > 2400);
    CHECK(firsts["one"] < 3000);
  }
}

}  // namespace mqtt::io::test
