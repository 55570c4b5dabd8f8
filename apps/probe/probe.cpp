#include "probe/probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <random>
#include <utility>

#include "cli/connection/client_setup.h"
#include "cli/options/choice.h"
#include "cli/options/exit_code.h"
#include "cli/output/debug_trace.h"
#include "cli/output/printable_text.h"
#include "cli/output/terminal_style.h"
#include "mqtt/protocol/packet_type.h"
#include "probe/announcements.h"

namespace probe {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::ProtocolVersion;

constexpr std::size_t dials = 5;
constexpr std::array versions{ProtocolVersion::v5, ProtocolVersion::v311, ProtocolVersion::v31};
/// For each connection: a broker that does not know a version may not answer at all.
constexpr std::chrono::seconds connect_timeout{10};
/// How long the broker may be silent while something is tried.
constexpr std::chrono::seconds answer_timeout{5};

std::string own_topic() {
  std::random_device random;
  return fmt::format("mqtt-probe/{:08x}", random());
}

bool is(const mqtt::Frame& frame, mqtt::PacketType type) {
  return frame.type_number() == static_cast<unsigned>(type);
}

/// What speaks of the version alone must not be said with another one.
cli::ConnectionOptions for_version(cli::ConnectionOptions options, ProtocolVersion version,
                                   bool asks_for_session) {
  options.version = version;
  options.clean_start = true;
  options.session_expiry_s.reset();
  options.will = {};
  options.properties.will.clear();
  if (!mqtt::is_v5(version)) {
    options.properties.connect.clear();
    if (!options.user_name) options.password.reset();
    return options;
  }
  mqtt::PropertyList& list = options.properties.connect;
  const auto add_number = [&list](mqtt::PropertyId id, std::uint32_t number) {
    if (!list.view().contains(id)) list.add(id, number);
  };
  add_number(mqtt::PropertyId::request_response_information, 1);
  if (asks_for_session) add_number(mqtt::PropertyId::session_expiry_interval, 0xFFFFFFFF);
  return options;
}

}  // namespace

tl::expected<Form, std::string> form(const std::string& name) {
  static constexpr cli::Choices<Form, 2> choices{{{"table", Form::table}, {"json", Form::json}}};
  return cli::choose(name, choices);
}

Probe::Probe(const cli::ConnectionOptions& options, const std::string& topic, Form form)
    : options_(options),
      form_(form),
      topic_(topic.empty() ? own_topic() : topic),
      run_(options),
      dials_left_(dials),
      patience_(run_.loop(), [this] { on_silence(); }) {
  report_.broker = cli::broker_name(options);
}

int Probe::run() {
  run_.catch_signals([this](int signal) { on_signal(signal); });
  dial();
  return run_.run();
}

// The way there.

void Probe::dial() {
  --dials_left_;
  dial_.emplace(run_.loop(), cli::client_options(options_).endpoint, report_,
                [this](const std::string& error) { on_dialled(error); });
}

void Probe::on_dialled(const std::string& error) {
  if (!error.empty() && report_.connect.is_empty()) {
    mqtt::client::ConnectionEnd end;
    end.cause = mqtt::client::ConnectionEnd::Cause::unreachable;
    end.text = error;
    return finish(cli::final_word(end, options_, false));
  }
  // Nothing of this call's dial is touched any more when the next one takes its place.
  if (dials_left_ > 0) return dial();
  dial_.reset();
  connect_next_version();
}

// One connection with each version, and one more.

void Probe::connect_next_version() {
  if (next_version_ < versions.size()) return connect(versions.at(next_version_), true);
  if (!best_version_) return finish(*first_refusal_);
  connect(*best_version_, false);
}

void Probe::connect(ProtocolVersion version, bool asks_for_session) {
  asked_ = for_version(options_, version, asks_for_session);
  mqtt::client::ClientOptions client = cli::client_options(asked_);
  client.connect_timeout = connect_timeout;
  mqtt::client::ClientHandler& self = *this;
  client_ = std::make_unique<mqtt::client::Client>(run_.loop(), std::move(client), self);
  was_connected_ = false;
  connect_sent_.reset();
  watch_packets();
  client_->connect();
}

void Probe::watch_packets() {
  client_->set_trace([this](mqtt::ClientSession::Direction direction, const mqtt::Frame& frame) {
    if (options_.debug) {
      cli::append_debug_lines(run_.output().buffer(), client_->session().parameters().client_id,
                              direction, frame, asked_.version);
    }
    on_packet(direction, frame);
  });
}

void Probe::on_packet(mqtt::ClientSession::Direction direction, const mqtt::Frame& frame) {
  if (direction == mqtt::ClientSession::Direction::sent) {
    if (is(frame, mqtt::PacketType::connect)) connect_sent_ = Clock::now();
    return;
  }
  if (trials_) patience_.start(answer_timeout);
  if (is(frame, mqtt::PacketType::connack) && connect_sent_) {
    report_.login.add(Clock::now() - *connect_sent_);
  } else if (is(frame, mqtt::PacketType::pingresp) && trials_) {
    trials_->on_ping_answered();
  }
}

void Probe::on_connected(const mqtt::Connack& connack) {
  was_connected_ = true;
  if (next_version_ == versions.size()) {
    trials_ = std::make_unique<Trials>(*client_, topic_, report_, [this] { leave(); });
    patience_.start(answer_timeout);
    return trials_->begin();
  }
  note_answer(true, nullptr);
  if (mqtt::is_v5(asked_.version)) report_.announced = announcements(connack);
  leave();
}

void Probe::on_message(const mqtt::Publish& message, mqtt::ArrivalNumber /*number*/) {
  if (trials_) trials_->on_message(message);
}

void Probe::on_silence() {
  interrupted_ = FinalWord{
      status(ExitCode::timeout),
      fmt::format("Error: the broker has not answered for {} s\n", answer_timeout.count())};
  leave();
}

void Probe::leave() {
  patience_.stop();
  mqtt::PropertyList properties;
  // The session that was asked for is not to stay.
  if (mqtt::is_v5(asked_.version)) {
    properties.add(mqtt::PropertyId::session_expiry_interval, 0);
  }
  client_->disconnect(mqtt::ReasonCode::normal_disconnection, properties);
}

void Probe::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  if (interrupted_) return finish(*interrupted_);
  if (next_version_ == versions.size()) {
    const bool is_done = end.cause == mqtt::client::ConnectionEnd::Cause::requested;
    return finish(is_done ? FinalWord{} : cli::final_word(end, asked_, was_connected_));
  }
  if (!was_connected_) note_answer(false, &end);
  ++next_version_;
  // A certificate that does not count with one version does not count with another.
  if (report_.tls && !report_.tls->distrust.empty()) return finish(*first_refusal_);
  connect_next_version();
}

void Probe::note_answer(bool is_accepted, const mqtt::client::ConnectionEnd* end) {
  VersionFacts facts{asked_.version, is_accepted, {}};
  if (is_accepted) {
    if (!best_version_) best_version_ = asked_.version;
    report_.versions.push_back(std::move(facts));
    return;
  }
  const FinalWord word = cli::final_word(*end, asked_, false);
  if (end->cause == mqtt::client::ConnectionEnd::Cause::refused) {
    facts.answer = cli::reason_name(end->reason, mqtt::PacketType::connack, end->properties);
  } else {
    facts.answer = end->text.empty() ? "the connection was closed" : std::string(end->text);
  }
  if (report_.tls && word.status == status(ExitCode::tls_failure)) {
    report_.tls->distrust = facts.answer;
  }
  // A refusal says more than a connection that is closed without a word.
  const bool says_much = end->cause == mqtt::client::ConnectionEnd::Cause::refused &&
                         end->reason != mqtt::ReasonCode::unsupported_protocol_version;
  if (!first_refusal_ || (says_much && !refusal_says_much_)) first_refusal_ = word;
  refusal_says_much_ |= says_much;
  report_.versions.push_back(std::move(facts));
}

void Probe::on_signal(int signal) {
  interrupted_ = FinalWord{cli::signal_status(signal), {}};
  if (client_ && client_->connected()) return leave();
  finish(*interrupted_);
}

void Probe::finish(FinalWord word) {
  if (run_.is_ending()) return;
  if (!report_.connect.is_empty()) {
    std::string report = form_ == Form::table ? as_table(report_) : as_json(report_);
    // Reasons and the names in certificates are what somebody else has written.
    if (cli::is_safe_output(cli::When::automatic, STDOUT_FILENO)) cli::escape_controls(report, 0);
    run_.output().buffer() += report;
  }
  run_.end_with(std::move(word));
  run_.stop();
}

}  // namespace probe
