#include "bench/bench_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <utility>

#include "bench/credentials_file.h"
#include "bench/load/message_header.h"
#include "cli/connection/client_setup.h"
#include "cli/options/command_line.h"
#include "cli/options/payload_source.h"
#include "cli/options/url_secrets.h"

namespace bench {
namespace {

constexpr std::uint64_t default_size = 64;

std::string protocol_name(mqtt::ProtocolVersion version) {
  switch (version) {
    case mqtt::ProtocolVersion::v31:
      return "3.1";
    case mqtt::ProtocolVersion::v311:
      return "3.1.1";
    case mqtt::ProtocolVersion::v5:
      break;
  }
  return "5";
}

/// Neither constant, which a broker or a network could compress, nor different from run to run.
std::string filler_of(std::size_t size) {
  std::string filler(size, '\0');
  std::minstd_rand random(1);
  std::generate(filler.begin(), filler.end(), [&] { return static_cast<char>(random() >> 8U); });
  return filler;
}

cli::Verdict set_payload(const BenchOptions& options, BenchPlan& plan) {
  PayloadPlan& payload = plan.load.payload;
  std::uint64_t size = options.payload_size.value_or(default_size);
  if (!options.payload_file.empty()) {
    auto text = cli::load_payload({cli::PayloadSource::Kind::file, options.payload_file});
    if (!text) return tl::unexpected(text.error());
    payload.filler = std::move(*text);
    size = MessageHeader::size + payload.filler.size();
  } else if (options.payload_text) {
    payload.text = options.payload_text;
    size = MessageHeader::size + payload.text->expand({}).size();
  } else {
    if (size < MessageHeader::size) {
      plan.notes.push_back(
          fmt::format("the payload is {} bytes, the size of its header, instead of {}",
                      MessageHeader::size, size));
      size = MessageHeader::size;
    }
    payload.filler = filler_of(size - MessageHeader::size);
  }
  plan.settings.payload_bytes = size;
  return {};
}

cli::Verdict set_clients(BenchOptions& options, LoadPlan& plan) {
  cli::ConnectionOptions& connection = options.connection;
  const bool is_named = connection.client_id || connection.client_id_prefix;
  const std::string id = connection.client_id          ? *connection.client_id
                         : connection.client_id_prefix ? *connection.client_id_prefix + "%i"
                                                       : "%r-%i";
  auto parsed = TopicTemplate::parse(id);
  if (!parsed) return tl::unexpected(parsed.error());
  plan.client_id = std::move(*parsed);
  plan.client_id_has_group = !is_named || plan.groups.size() > 1;
  plan.client = cli::client_options(connection);
  plan.client.endpoint.no_delay = true;
  plan.client.connect.on_session_lost = mqtt::OnSessionLost::send_again;
  plan.sources = options.sources;
  plan.debug = connection.debug;
  if (options.credentials_file.empty()) return {};
  return read_credentials(options.credentials_file).map([&](std::vector<Credentials> credentials) {
    plan.credentials = std::move(credentials);
  });
}

void set_load(const BenchOptions& options, LoadPlan& plan) {
  const std::uint32_t publishers = plan.publishers() == nullptr ? 0 : plan.publishers()->size;
  if (options.total_rate) plan.rate = options.total_rate;
  if (options.rate) plan.rate = *options.rate * publishers;
  if (!plan.rate) plan.rate = options.scenario.rate;
  plan.window = options.window;
  plan.ramp = to_nanoseconds(options.ramp);
  plan.warm_up = std::max(to_nanoseconds(options.warm_up), plan.ramp);
  plan.duration = to_nanoseconds(options.duration);
  plan.count = options.count ? options.count : options.scenario.count;
  plan.drain_time = to_nanoseconds(options.drain_time);
  plan.interval = std::max(to_nanoseconds(options.interval), nanoseconds_per_second / 20);
  plan.connect_rate = options.connect_rate;
  plan.qos = options.connection.qos;
  plan.retain |= options.retain;
  plan.publish_properties = options.connection.properties.publish;
  plan.subscribe_properties = options.connection.properties.subscribe;
  // What the broker has not acknowledged yet is open too.
  const auto window =
      std::min<std::uint32_t>(plan.window, std::numeric_limits<std::uint16_t>::max());
  plan.client.connect.send_window =
      std::max(options.connection.max_in_flight, static_cast<std::uint16_t>(window));
}

cli::Verdict set_expectations(const BenchOptions& options, BenchPlan& plan) {
  for (const std::string& text : options.expectations) {
    auto expectation = parse_expectation(text);
    if (!expectation) return tl::unexpected("--expect: " + expectation.error());
    plan.expectations.push_back(std::move(*expectation));
  }
  return {};
}

void describe(const BenchOptions& options, const LoadPlan& plan, RunSettings& settings) {
  settings.scenario = options.scenario.name;
  settings.broker = cli::broker_name(options.connection);
  settings.protocol = protocol_name(options.connection.version);
  settings.qos = static_cast<unsigned>(plan.qos);
  settings.publishers = plan.publishers() == nullptr ? 0 : plan.publishers()->size;
  for (const ClientGroup& group : plan.groups) {
    if (group.filter && !group.responds) settings.subscribers += group.size;
  }
  settings.threads = plan.threads;
  if (plan.rate) {
    settings.rate = plan.rate;
  } else if (settings.publishers > 0) {
    settings.window = plan.window;
  }
  settings.warm_up = to_seconds(plan.warm_up);
  settings.version = cli::program_version();
  settings.started_at = std::chrono::system_clock::now();
}

}  // namespace

tl::expected<BenchPlan, std::string> make_plan(BenchOptions& options) {
  BenchPlan plan;
  plan.load.run = std::random_device()();
  plan.load.threads = options.threads;
  ScenarioSettings settings = options.settings;
  if (!settings.topic) settings.topic = TopicTemplate::of(options.scenario.topic);
  // In pairs there are as many of these as of those.
  if (options.scenario.subscribers_option.empty()) settings.subscribers = settings.publishers;
  options.scenario.arrange(settings, plan.load);
  const cli::Verdict done = set_clients(options, plan.load)
                                .and_then([&] { return set_payload(options, plan); })
                                .and_then([&] { return set_expectations(options, plan); });
  if (!done) return tl::unexpected(done.error());
  set_load(options, plan.load);
  describe(options, plan.load, plan.settings);
  return plan;
}

std::string shown_command_line(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 3> secret_options{"-P", "--pw", "--psk"};
  std::string line = "mqtt-bench";
  bool is_secret = false;
  for (const std::string& word : words) {
    std::string shown = std::exchange(is_secret, false) ? "***" : word;
    for (const std::string_view option : secret_options) {
      if (word == option) is_secret = true;
      if (word.starts_with(std::string(option) + "=")) shown = std::string(option) + "=***";
    }
    if (word.starts_with("-P") && word.size() > 2) shown = "-P***";
    shown = cli::without_url_passwords(shown);
    const bool is_plain = shown.find_first_of(" \t'\"<>|&;*?$\\()#") == std::string::npos;
    line += is_plain ? " " + shown : " '" + shown + "'";
  }
  return line;
}

}  // namespace bench
