#include "pub/replayer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/options/exit_code.h"

namespace pub {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::QoS;
using mqtt::SendError;
using recording::RecordingReader;
using Clock = std::chrono::steady_clock;

mqtt::client::ClientOptions client_options(const PubOptions& options) {
  auto client = cli::client_options(options.connection);
  client.connect.on_session_lost = mqtt::OnSessionLost::send_again;
  client.reconnect = mqtt::client::ReconnectPolicy{};
  client.reconnect->retry_refused = true;  // after a DISCONNECT; see on_disconnected
  client.endpoint.no_delay = true;         // a message that waits for another one is late
  return client;
}

bool may_be_taken_later(SendError error) {
  return error == SendError::not_connected || error == SendError::window_full ||
         error == SendError::queue_full || error == SendError::no_packet_id;
}

std::string cannot_read(const std::string& path, std::string_view reason) {
  return fmt::format("cannot read {}: {}", path == "-" ? "the standard input" : "\"" + path + "\"",
                     reason);
}

}  // namespace

tl::expected<RecordingInput, std::string> RecordingInput::open(const std::string& path,
                                                               bool may_rewind) {
  if (path == "-") return RecordingInput(STDIN_FILENO, false);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return tl::unexpected(cannot_read(path, std::strerror(errno)));
  RecordingInput input(descriptor, true);
  if (may_rewind && ::lseek(descriptor, 0, SEEK_CUR) < 0) {
    return tl::unexpected("\"" + path + "\" cannot be read more than once, as --repeat wants");
  }
  return input;
}

RecordingInput::RecordingInput(RecordingInput&& other) noexcept
    : descriptor_(other.descriptor_), is_ours_(std::exchange(other.is_ours_, false)) {}

RecordingInput::~RecordingInput() {
  if (is_ours_) ::close(descriptor_);
}

void RecordingInput::rewind() {
  ::lseek(descriptor_, 0, SEEK_SET);  // which it can: see `open`
}

Replayer::Replayer(const PubOptions& options, RecordingInput input)
    : options_(options),
      input_(std::move(input)),
      run_(options.connection),
      client_(run_.loop(), client_options(options), *this),
      reader_(run_.loop(), input_.descriptor(), [this] { read_input(); }),
      due_timer_(run_.loop(), [this] { go_on(); }),
      pause_(run_.loop(), [this] { begin_round(); }),
      playback_(options.replay.speed),
      outage_(options.connection),
      rounds_left_(options.repeat) {}

int Replayer::run() {
  run_.catch_signals([this](int signal) { end_with({cli::signal_status(signal), {}}); });
  run_.trace(client_);
  client_.connect();
  return run_.run();
}

void Replayer::on_connected(const mqtt::Connack& /*connack*/) {
  run_.complain(outage_.on_connected(Clock::now()));
  if (!std::exchange(connected_once_, true)) {
    began_ = Clock::now();
    return begin_round();
  }
  go_on();
}

void Replayer::on_message(const mqtt::Publish& /*message*/, mqtt::ArrivalNumber /*number*/) {
  // A session that was kept with -c may still have subscriptions; their messages are not for us.
}

void Replayer::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  using Cause = mqtt::client::ConnectionEnd::Cause;
  if (end.retry_in && end.cause != Cause::refused) {
    return run_.complain(outage_.on_lost(end, Clock::now()));
  }
  run_.end_with(
      cli::final_word(end, options_.connection, connected_once_ && !outage_.is_under_way()));
  if (connected_once_) tell_what_was_done();
  run_.stop();
}

void Replayer::begin_round() {
  --rounds_left_;
  records_in_round_ = 0;
  records_.emplace();
  playback_.rewind();
  go_on();
}

void Replayer::go_on() {
  while (!run_.is_ending() && client_.connected() && has_record()) {
    const Clock::time_point now = Clock::now();
    if (due_ > now) return due_timer_.start(due_ - now);
    if (client_.congested() || publish(record_) == Taken::later) return;
    waits_ = false;
  }
  if (ended_) finish_if_done();
}

bool Replayer::has_record() {
  while (!waits_) {
    if (ended_ || !records_) return false;
    switch (records_->next(record_)) {
      case RecordingReader::Status::need_more:
        reader_.resume();
        return false;
      case RecordingReader::Status::broken:
        damage_ = records_->error();
        ended_ = true;
        return false;
      case RecordingReader::Status::record:
        break;
    }
    ++records_in_round_;
    if (!recording::is_playable(record_.message.topic, options_.replay.topic_prefix)) {
      ++skipped_;
      continue;
    }
    due_ = playback_.due(record_, Clock::now());
    waits_ = true;
  }
  return true;
}

void Replayer::read_input() {
  const std::string_view chunk = reader_.read();
  reader_.pause();
  if (!reader_.error().empty()) {
    damage_ = reader_.error();
    ended_ = true;
  } else if (chunk.empty()) {
    on_recording_ended();
  } else {
    records_->feed(chunk);
  }
  go_on();
}

void Replayer::on_recording_ended() {
  if (!records_->is_complete()) {
    run_.complain(fmt::format(
        "Warning: the recording {} breaks off; what came before was replayed\n",
        options_.replay.reads_stdin() ? "on the standard input" : *options_.replay.file));
  }
  records_.reset();
  if (rounds_left_ == 0 || records_in_round_ == 0) {
    ended_ = true;
    return;
  }
  input_.rewind();
  pause_.start(options_.repeat_delay);
}

Replayer::Taken Replayer::publish(const recording::Record& record) {
  topic_ = options_.replay.topic_prefix;
  topic_ += record.message.topic;
  const mqtt::PropertyList properties = recording::playable_properties(record.message.properties);
  mqtt::Publish message = record.message;
  message.topic = topic_;
  message.properties = properties;
  if (!is_v5(options_.connection.version) && !properties.empty()) lost_properties_ = true;

  // At QoS 0 nobody answers; `disconnect` waits until everything was sent.
  const bool answered = message.qos != QoS::at_most_once;
  mqtt::client::Client::PublishDone done;
  if (answered) done = [this](const mqtt::client::PublishResult& result) { on_published(result); };
  const auto taken = client_.publish(message, std::move(done));
  if (!taken && may_be_taken_later(taken.error())) return Taken::later;
  if (!taken) {
    on_refused(taken.error(), topic_);
    return Taken::yes;
  }
  if (answered) ++open_messages_;
  lateness_.add(Clock::now() - due_);
  bytes_ += message.payload.size();
  return Taken::yes;
}

void Replayer::on_refused(SendError error, std::string_view topic) {
  rejected_ = true;
  run_.complain(
      fmt::format("Warning: a message of {} cannot be published: {}\n", topic, text(error)));
}

void Replayer::on_published(const mqtt::client::PublishResult& result) {
  --open_messages_;
  if (!result.ok()) {
    rejected_ = true;
    run_.complain(fmt::format(
        "Warning: Publish {} failed: {}.\n", result.packet_id,
        result.error
            ? std::string(text(*result.error))
            : cli::reason_name(result.reason, mqtt::PacketType::puback, result.properties)));
  }
  go_on();
}

void Replayer::finish_if_done() {
  if (open_messages_ > 0 || run_.is_ending()) return;
  if (skipped_ > 0) {
    run_.complain(
        fmt::format("Warning: {} messages of the broker's own topics ($...) were passed over; "
                    "--topic-prefix publishes them elsewhere\n",
                    skipped_));
  }
  if (lost_properties_) {
    run_.complain("Warning: only MQTT 5 has properties; those of the recording were left out\n");
  }
  if (options_.connection.debug) run_.output().buffer() += figures();
  if (!damage_.empty()) {
    return end_with({status(ExitCode::failure),
                     "Error: " + cannot_read(*options_.replay.file, damage_) + "\n"});
  }
  end_with({status(rejected_ ? ExitCode::message_rejected : ExitCode::success), {}});
}

std::string Replayer::figures() const {
  return fmt::format("Replayed {} messages; sent late by {} us at the median, {} us at most\n",
                     lateness_.count(), lateness_.median().count(), lateness_.largest().count());
}

void Replayer::tell_what_was_done() {
  const std::chrono::duration<double> elapsed = Clock::now() - began_;
  run_.complain(fmt::format("Replayed {} {} ({} bytes) in {:.1f} s{}.\n", lateness_.count(),
                            lateness_.count() == 1 ? "message" : "messages", bytes_,
                            elapsed.count(),
                            options_.replay.reads_stdin() ? "" : " from " + *options_.replay.file));
}

void Replayer::end_with(FinalWord word) {
  reader_.pause();
  due_timer_.stop();
  pause_.stop();
  run_.end_with(std::move(word));
  client_.disconnect(mqtt::ReasonCode::normal_disconnection,
                     options_.connection.properties.disconnect);
}

}  // namespace pub
