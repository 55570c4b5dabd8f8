#include "probe/report.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "probe/announcements.h"
#include "probe/certificate.h"
#include "support/certificates.h"

using namespace std::chrono_literals;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;

namespace {

const probe::Finding& finding(const std::vector<probe::Finding>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const probe::Finding& one) { return one.name == name; });
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("Times have a minimum, a median and a maximum", "[probe]") {
  probe::Timing timing;
  CHECK(timing.is_empty());
  for (const auto time : {5ms, 1ms, 9ms, 3ms}) timing.add(time);
  CHECK(timing.min() == 1ms);
  CHECK(timing.median() == 3ms);
  CHECK(timing.max() == 9ms);
  timing.add(4ms);
  CHECK(timing.median() == 4ms);
}

TEST_CASE("What CONNACK leaves out has the standard's default", "[probe]") {
  const auto all = probe::announcements({});
  CHECK(finding(all, "maximum-qos").value == "2");
  CHECK(finding(all, "retain").value == "yes");
  CHECK(finding(all, "receive-maximum").value == "65535");
  CHECK(finding(all, "topic-alias-maximum").value == "0");
  CHECK(finding(all, "maximum-packet-size").value == "no limit");
  CHECK(finding(all, "session-expiry-interval").value == "unlimited");
}

TEST_CASE("What CONNACK says is told", "[probe]") {
  mqtt::PropertyList list;
  list.add(PropertyId::maximum_qos, 1).add(PropertyId::retain_available, 0);
  list.add(PropertyId::session_expiry_interval, 3600);
  list.add(PropertyId::assigned_client_identifier, "auto-1");
  list.add_user_property("region", "north");
  mqtt::Connack connack;
  connack.properties = list;
  const auto all = probe::announcements(connack);
  CHECK(finding(all, "maximum-qos").value == "1");
  CHECK(finding(all, "retain").value == "no");
  CHECK(finding(all, "session-expiry-interval").value == "3600");
  CHECK(finding(all, "assigned-client-identifier").value == "auto-1");
  CHECK(finding(all, "user-property region").value == "north");
}

TEST_CASE("A report is a table or JSON", "[probe]") {
  probe::ProbeReport report;
  report.broker = "host:1883";
  report.address = "192.0.2.1:1883";
  report.connect.add(2ms);
  report.tls = probe::TlsFacts{"TLSv1.3", "CIPHER", "", {}, "self-signed\x1b[2J"};
  report.versions = {{ProtocolVersion::v5, true, ""}, {ProtocolVersion::v31, false, "no"}};
  report.announced = {{"maximum-qos", "Maximum QoS", "2", true, false},
                      {"retain", "Retain", "no", false, false},
                      {"response-information", "Response", "none", false, true}};
  report.tried = {{"publish-qos-1", "Publish at QoS 1", "no: Not authorized", false, false}};
  CHECK(probe::as_json(report) ==
        "{\"broker\":\"host:1883\",\"address\":\"192.0.2.1:1883\","
        "\"tls\":{\"version\":\"TLSv1.3\",\"cipher\":\"CIPHER\",\"trusted\":false,"
        "\"distrust\":\"self-signed\\u001b[2J\"},"
        "\"versions\":{\"5\":{\"accepted\":true},\"3.1\":{\"accepted\":false,\"answer\":\"no\"}},"
        "\"announced\":{\"maximum-qos\":2,\"retain\":false,\"response-information\":null},"
        "\"tried\":{\"publish-qos-1\":\"no: Not authorized\"},"
        "\"times-ms\":{\"connect\":{\"count\":1,\"min\":2,\"median\":2,\"max\":2}}}\n");
  const std::string table = probe::as_table(report);
  CHECK_THAT(table, Catch::Contains("MQTT 5                     accepted\n"));
  CHECK_THAT(table, Catch::Contains("MQTT 3.1                   not accepted: no\n"));
  CHECK_THAT(table, Catch::Contains("  Trusted                  no: self-signed?[2J\n"));
  CHECK_THAT(table, Catch::Contains("2.000 / 2.000 / 2.000 ms  (1 times)\n"));
}

TEST_CASE("A certificate tells whom it names and until when", "[probe]") {
  mqtt::test::Authority authority("Some authority");
  const auto identity = authority.issue(
      "CN=broker/O=Company", {"DNS:broker.example,IP:192.0.2.1,IP:2001:db8::1", 10 * 86'400 + 60});
  const auto facts = probe::facts_of(identity.certificate);
  REQUIRE(facts);
  CHECK_THAT(facts->subject, Catch::Contains("CN=broker"));
  CHECK(facts->issuer == "CN=Some authority");
  CHECK(facts->names ==
        std::vector<std::string>{"DNS:broker.example", "IP:192.0.2.1", "IP:2001:db8::1"});
  CHECK(facts->days_left == 10);
  CHECK(facts->expires.size() == std::string("2027-01-01T00:00:00Z").size());
  CHECK_FALSE(probe::facts_of("nothing"));
}
