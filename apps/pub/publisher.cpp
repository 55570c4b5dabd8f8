#include "pub/publisher.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "cli/exit_code.h"

namespace pub {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::QoS;
using mqtt::SendError;

mqtt::client::ClientOptions client_options(const PubOptions& options) {
  auto client = cli::client_options(options.connection);
  client.connect.on_session_lost = mqtt::OnSessionLost::send_again;
  if (options.payload.kind == cli::PayloadSource::Kind::stdin_lines) {
    // A stream of lines outlives its connections; a few messages that fail are better reported.
    client.reconnect = mqtt::client::ReconnectPolicy{};
    client.reconnect->retry_refused = true;  // after a DISCONNECT; see on_disconnected
  }
  return client;
}

bool may_be_taken_later(SendError error) {
  return error == SendError::not_connected || error == SendError::window_full ||
         error == SendError::queue_full || error == SendError::no_packet_id;
}

}  // namespace

Publisher::Publisher(const PubOptions& options, std::string payload)
    : options_(options),
      payload_(std::move(payload)),
      run_(options.connection),
      client_(run_.loop(), client_options(options), *this),
      repetitions_left_(options.repeat),
      pause_(run_.loop(), [this] { on_pause_over(); }) {
  if (reads_lines()) input_.emplace(run_.loop(), STDIN_FILENO, [this] { read_input(); });
}

int Publisher::run() {
  run_.catch_signals([this](int signal) { on_signal(signal); });
  run_.trace(client_);
  client_.connect();
  return run_.run();
}

void Publisher::on_connected(const mqtt::Connack& /*connack*/) {
  connected_once_ = true;
  go_on();
}

void Publisher::on_message(const mqtt::Publish& /*message*/, mqtt::ArrivalNumber /*number*/) {
  // A session that was kept with -c may still have subscriptions; their messages are not for us.
}

void Publisher::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  using Cause = mqtt::client::ConnectionEnd::Cause;
  if (end.retry_in && end.cause != Cause::refused) return;
  run_.end_with(cli::final_word(end, options_.connection, connected_once_));
  run_.stop();
}

void Publisher::on_room() {
  go_on();
}

void Publisher::go_on() {
  if (run_.is_ending() || !client_.connected()) return;
  if (reads_lines()) {
    publish_lines();
  } else {
    publish_repetitions();
  }
}

void Publisher::publish_repetitions() {
  const bool one_by_one = options_.repeat_delay.count() > 0;
  while (repetitions_left_ > 0 && !pausing_ && !client_.congested()) {
    if (one_by_one && open_messages_ > 0) return;
    if (publish(payload_) != Taken::yes) return;
    --repetitions_left_;
    if (one_by_one && open_messages_ == 0) start_pause();
  }
  finish_if_done();
}

void Publisher::start_pause() {
  if (repetitions_left_ == 0) return;
  pausing_ = true;
  pause_.start(options_.repeat_delay);
}

void Publisher::on_pause_over() {
  pausing_ = false;
  go_on();
}

void Publisher::publish_lines() {
  for (;;) {
    if (!waiting_line_) waiting_line_ = lines_.next();
    if (!waiting_line_ && input_ended_) waiting_line_ = lines_.last_line();
    if (!waiting_line_) break;
    if (client_.congested() || publish(*waiting_line_) != Taken::yes) {
      input_->pause();
      return;
    }
    waiting_line_.reset();
  }
  if (input_ended_) {
    finish_if_done();
  } else {
    input_->resume();
  }
}

void Publisher::read_input() {
  const std::string_view chunk = input_->read();
  if (!input_->error().empty()) {
    return end_with({status(ExitCode::failure), fmt::format("Error: cannot read the standard "
                                                            "input: {}\n",
                                                            input_->error())});
  }
  if (lines_.unfinished_size() + chunk.size() > cli::max_payload_bytes) {
    return end_with({status(ExitCode::failure),
                     fmt::format("Error: a line has more than {} bytes, which do not fit into a "
                                 "message\n",
                                 cli::max_payload_bytes)});
  }
  input_ended_ = chunk.empty();
  input_->pause();
  lines_.feed(chunk);
  go_on();
}

Publisher::Taken Publisher::publish(std::string_view payload) {
  mqtt::Publish message;
  message.qos = options_.connection.qos;
  message.retain = options_.retain;
  message.topic = *options_.topic;
  message.properties = options_.connection.properties.publish;
  message.payload = mqtt::as_bytes(payload);

  // At QoS 0 nobody answers; `disconnect` waits until everything was sent.
  const bool answered = message.qos != QoS::at_most_once;
  mqtt::client::Client::PublishDone done;
  if (answered) done = [this](const mqtt::client::PublishResult& result) { on_published(result); };
  const auto taken = client_.publish(message, std::move(done));
  if (taken) {
    if (answered) ++open_messages_;
    return Taken::yes;
  }
  if (may_be_taken_later(taken.error())) return Taken::later;
  end_with({status(ExitCode::message_rejected),
            fmt::format("Error: the message cannot be published: {}\n", text(taken.error()))});
  return Taken::never;
}

void Publisher::on_published(const mqtt::client::PublishResult& result) {
  --open_messages_;
  if (!result.ok()) {
    rejected_ = true;
    run_.complain(fmt::format(
        "Warning: Publish {} failed: {}.\n", result.packet_id,
        result.error
            ? std::string(text(*result.error))
            : cli::reason_text(result.reason, mqtt::PacketType::puback, result.properties)));
  }
  if (!reads_lines() && options_.repeat_delay.count() > 0) start_pause();
  go_on();
}

void Publisher::finish_if_done() {
  if (open_messages_ > 0) return;
  if (!reads_lines() && repetitions_left_ > 0) return;
  end_with({status(rejected_ ? ExitCode::message_rejected : ExitCode::success), {}});
}

void Publisher::end_with(FinalWord word) {
  if (input_) input_->pause();
  run_.end_with(std::move(word));
  client_.disconnect(mqtt::ReasonCode::normal_disconnection,
                     options_.connection.properties.disconnect);
}

void Publisher::on_signal(int signal) {
  end_with({cli::signal_status(signal), {}});
}

}  // namespace pub
