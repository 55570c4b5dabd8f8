#include "probe/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "cli/output/json_writer.h"

namespace probe {

namespace {

using std::chrono::nanoseconds;

double milliseconds(nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string_view version_name(mqtt::ProtocolVersion version) {
  switch (version) {
    case mqtt::ProtocolVersion::v31:
      return "3.1";
    case mqtt::ProtocolVersion::v311:
      return "3.1.1";
    default:
      return "5";
  }
}

/// What a peer wrote, with nothing in it that moves a terminal's cursor.
std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return shown;
}

class Table {
 public:
  void row(std::string_view label, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{:<26} {}\n", label, printable(value));
  }
  void timing(std::string_view label, const Timing& timing) {
    if (timing.is_empty()) return;
    row(label,
        fmt::format("{:.3f} / {:.3f} / {:.3f} ms  ({} times)", milliseconds(timing.min()),
                    milliseconds(timing.median()), milliseconds(timing.max()), timing.count()));
  }
  void findings(std::string_view title, const std::vector<Finding>& findings) {
    if (findings.empty()) return;
    out_ += fmt::format("\n{}\n", title);
    for (const Finding& finding : findings) row("  " + finding.label, finding.value);
  }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

void tls_rows(Table& table, const TlsFacts& tls) {
  table.row("TLS", fmt::format("{}, {}", tls.version, tls.cipher));
  table.row("  ALPN", tls.alpn.empty() ? "none" : tls.alpn);
  if (tls.certificate) {
    const CertificateFacts& certificate = *tls.certificate;
    table.row("  Subject", certificate.subject);
    table.row("  Issuer", certificate.issuer);
    table.row("  Names", fmt::format("{}", fmt::join(certificate.names, ", ")));
    table.row("  Expires",
              fmt::format("{} ({} days left)", certificate.expires, certificate.days_left));
  }
  table.row("  Trusted", tls.distrust.empty() ? "yes" : "no: " + tls.distrust);
}

class Json {
 public:
  Json() : writer_(out_, cli::JsonWriter::Style::compact) { writer_.begin_object(); }
  std::string finish() {
    writer_.end_object();
    return out_ + "\n";
  }
  cli::JsonWriter& writer() { return writer_; }
  void text(std::string_view key, std::string_view value) {
    writer_.key(key);
    writer_.string(value);
  }
  void integer(std::string_view key, std::int64_t value) {
    writer_.key(key);
    writer_.number(static_cast<double>(value));
  }
  void timing(std::string_view key, const Timing& timing) {
    if (timing.is_empty()) return;
    writer_.key(key);
    writer_.begin_object();
    integer("count", static_cast<std::int64_t>(timing.count()));
    number("min", milliseconds(timing.min()));
    number("median", milliseconds(timing.median()));
    number("max", milliseconds(timing.max()));
    writer_.end_object();
  }
  void findings(std::string_view key, const std::vector<Finding>& findings) {
    writer_.key(key);
    writer_.begin_object();
    for (const Finding& finding : findings) {
      writer_.key(finding.name);
      value(finding);
    }
    writer_.end_object();
  }

 private:
  void number(std::string_view key, double value) {
    writer_.key(key);
    writer_.number(value);
  }
  void value(const Finding& finding) {
    std::uint64_t number = 0;
    const char* const end = finding.value.data() + finding.value.size();
    if (finding.is_absent) {
      writer_.null();
    } else if (finding.is_number && std::from_chars(finding.value.data(), end, number).ptr == end) {
      writer_.integer(number);
    } else if (finding.value == "yes" || finding.value == "no") {
      writer_.boolean(finding.value == "yes");
    } else {
      writer_.string(finding.value);
    }
  }

  std::string out_;
  cli::JsonWriter writer_;
};

void tls_object(Json& json, const TlsFacts& tls) {
  json.writer().key("tls");
  json.writer().begin_object();
  json.text("version", tls.version);
  json.text("cipher", tls.cipher);
  if (!tls.alpn.empty()) json.text("alpn", tls.alpn);
  if (tls.certificate) {
    const CertificateFacts& certificate = *tls.certificate;
    json.text("subject", certificate.subject);
    json.text("issuer", certificate.issuer);
    json.writer().key("names");
    json.writer().begin_array();
    for (const std::string& name : certificate.names) json.writer().string(name);
    json.writer().end_array();
    json.text("expires", certificate.expires);
    json.integer("days-left", certificate.days_left);
  }
  json.writer().key("trusted");
  json.writer().boolean(tls.distrust.empty());
  if (!tls.distrust.empty()) json.text("distrust", tls.distrust);
  json.writer().end_object();
}

void version_objects(Json& json, const std::vector<VersionFacts>& versions) {
  json.writer().key("versions");
  json.writer().begin_object();
  for (const VersionFacts& one : versions) {
    json.writer().key(version_name(one.version));
    json.writer().begin_object();
    json.writer().key("accepted");
    json.writer().boolean(one.is_accepted);
    if (!one.is_accepted) json.text("answer", one.answer);
    json.writer().end_object();
  }
  json.writer().end_object();
}

}  // namespace

nanoseconds Timing::min() const {
  return *std::ranges::min_element(times_);
}

nanoseconds Timing::max() const {
  return *std::ranges::max_element(times_);
}

/// Of an even number, the lower one of the two in the middle: a time that was measured.
nanoseconds Timing::median() const {
  std::vector<nanoseconds> sorted = times_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::ranges::nth_element(sorted, middle);
  return *middle;
}

std::string as_table(const ProbeReport& report) {
  Table table;
  table.row("Broker", report.broker);
  if (!report.address.empty()) table.row("Address", report.address);
  if (report.tls) tls_rows(table, *report.tls);
  for (const VersionFacts& one : report.versions) {
    table.row(fmt::format("MQTT {}", version_name(one.version)),
              one.is_accepted ? "accepted" : "not accepted: " + one.answer);
  }
  table.findings("Announced by the broker (MQTT 5)", report.announced);
  table.findings("Tried", report.tried);
  if (!report.connect.is_empty()) table.out() += "\nTimes (minimum / median / maximum)\n";
  table.timing("  Connection", report.connect);
  table.timing("  TLS handshake", report.handshake);
  table.timing("  CONNECT to CONNACK", report.login);
  table.timing("  PINGREQ to PINGRESP", report.ping);
  table.timing("  PUBLISH to PUBACK", report.publish);
  return std::move(table.out());
}

std::string as_json(const ProbeReport& report) {
  Json json;
  json.text("broker", report.broker);
  if (!report.address.empty()) json.text("address", report.address);
  if (report.tls) tls_object(json, *report.tls);
  version_objects(json, report.versions);
  json.findings("announced", report.announced);
  json.findings("tried", report.tried);
  json.writer().key("times-ms");
  json.writer().begin_object();
  json.timing("connect", report.connect);
  json.timing("tls-handshake", report.handshake);
  json.timing("connack", report.login);
  json.timing("ping", report.ping);
  json.timing("puback", report.publish);
  json.writer().end_object();
  return json.finish();
}

}  // namespace probe
