#include "pub/publisher.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "cli/options/exit_code.h"
#include "pub/publish_progress.h"
#include "pub/source_choice.h"

namespace pub {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::QoS;
using mqtt::SendError;

/// Who is done sooner needs no progress to look at.
constexpr std::chrono::milliseconds progress_delay{1000};
constexpr std::chrono::milliseconds progress_interval{200};

mqtt::client::ClientOptions client_options(const PubOptions& options) {
  auto client = cli::client_options(options.connection);
  client.connect.on_session_lost = mqtt::OnSessionLost::send_again;
  if (options.is_stream()) {
    // A stream outlives its connections; a few messages that fail are better reported.
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

Publisher::Publisher(const PubOptions& options)
    : options_(options),
      run_(options.connection),
      client_(run_.loop(), client_options(options), *this),
      outage_(options.connection),
      pause_(run_.loop(),
             [this] {
               pausing_ = false;
               go_on();
             }),
      counts_all_(options.summary.has_value() || options.connection.qos != QoS::at_most_once),
      terminal_(STDERR_FILENO),
      progress_(run_.loop(), [this] { show_progress(); }) {
  if (options.rate) pace_.emplace(*options.rate);
}

cli::Verdict Publisher::open() {
  auto source = make_source(options_, run_.loop());
  if (!source) return tl::unexpected(source.error());
  source_ = std::move(*source);
  source_->set_on_ready([this] { go_on(); });
  return {};
}

int Publisher::run() {
  run_.catch_signals([this](int signal) { on_signal(signal); });
  run_.trace(client_);
  client_.connect();
  if (wants_progress()) progress_.start(progress_delay, progress_interval);
  return run_.run();
}

void Publisher::on_connected(const mqtt::Connack& /*connack*/) {
  connected_once_ = true;
  complain(outage_.on_connected(Clock::now()));
  go_on();
}

void Publisher::on_message(const mqtt::Publish& /*message*/, mqtt::ArrivalNumber /*number*/) {
  // A session that was kept with -c may still have subscriptions; their messages are not for us.
}

void Publisher::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  using Cause = mqtt::client::ConnectionEnd::Cause;
  if (end.retry_in && end.cause != Cause::refused) {
    return complain(outage_.on_lost(end, Clock::now()));
  }
  terminal_.clear();
  run_.end_with(
      cli::final_word(end, options_.connection, connected_once_ && !outage_.is_under_way()));
  stop();
}

void Publisher::on_room() {
  go_on();
}

void Publisher::go_on() {
  while (!run_.is_ending() && client_.connected() && !must_wait()) {
    if (!waiting_ && !take_next()) break;
    if (client_.congested() || publish(*waiting_) != Taken::yes) break;
    waiting_.reset();
    if (pace_) pace_->sent(Clock::now());
    if (is_one_by_one() && open_messages_ == 0) start_pause(options_.repeat_delay);
  }
  finish_if_done();
}

bool Publisher::must_wait() {
  if (pausing_ || (is_one_by_one() && open_messages_ > 0)) return true;
  if (!pace_) return false;
  const std::chrono::nanoseconds wait = pace_->wait(Clock::now());
  if (wait.count() == 0) return false;
  start_pause(std::chrono::ceil<std::chrono::milliseconds>(wait));
  return pausing_;
}

bool Publisher::take_next() {
  if (source_ended_) return false;
  OutgoingMessage message;
  switch (source_->next(message)) {
    case MessageSource::Step::message:
      waiting_ = message;
      return true;
    case MessageSource::Step::later:
      return false;
    case MessageSource::Step::failed:
      source_failed_ = true;
      complain(fmt::format("Error: {}\n", source_->error()));
      break;
    case MessageSource::Step::end:
      break;
  }
  source_ended_ = true;
  return false;
}

void Publisher::start_pause(std::chrono::milliseconds time) {
  if (source_->is_exhausted() && !waiting_) return;
  pausing_ = true;
  pause_.start(time);
}

Publisher::Taken Publisher::publish(const OutgoingMessage& outgoing) {
  mqtt::Publish message;
  message.qos = options_.connection.qos;
  message.retain = options_.retain;
  message.topic = outgoing.topic;
  message.properties = outgoing.properties;
  message.payload = mqtt::as_bytes(outgoing.payload);

  // At QoS 0 nobody answers; `disconnect` waits until everything was sent.
  mqtt::client::Client::PublishDone done;
  if (counts_all_) {
    done = [this](const mqtt::client::PublishResult& result) { on_published(result); };
  }
  const auto taken = client_.publish(message, std::move(done));
  if (taken) {
    if (counts_.sent == 0) first_sent_ = Clock::now();
    ++counts_.sent;
    counts_.bytes += outgoing.payload.size();
    if (counts_all_) ++open_messages_;
    return Taken::yes;
  }
  if (may_be_taken_later(taken.error())) return Taken::later;
  ++counts_.failed;
  end_with({status(ExitCode::message_rejected),
            fmt::format("Error: the message cannot be published: {}\n", text(taken.error()))});
  return Taken::never;
}

void Publisher::on_published(const mqtt::client::PublishResult& result) {
  --open_messages_;
  if (!result.ok()) {
    ++counts_.failed;
    complain(fmt::format("Warning: Publish {} failed: {}.\n", result.packet_id,
                         result.error ? std::string(text(*result.error))
                                      : cli::reason_name(result.reason, mqtt::PacketType::puback,
                                                         result.properties)));
  } else if (options_.connection.qos != QoS::at_most_once) {
    ++counts_.acknowledged;
  }
  if (is_one_by_one()) start_pause(options_.repeat_delay);
  go_on();
}

void Publisher::finish_if_done() {
  const bool is_done = source_ended_ || (source_->is_exhausted() && !waiting_);
  if (!is_done || open_messages_ > 0 || run_.is_ending() || !client_.connected()) return;
  const ExitCode code = source_failed_        ? ExitCode::failure
                        : counts_.failed != 0 ? ExitCode::message_rejected
                                              : ExitCode::success;
  end_with({status(code), {}});
}

void Publisher::end_with(FinalWord word) {
  source_->stop();
  pause_.stop();
  terminal_.clear();
  run_.end_with(std::move(word));
  client_.disconnect(mqtt::ReasonCode::normal_disconnection,
                     options_.connection.properties.disconnect);
}

void Publisher::on_signal(int signal) {
  end_with({cli::signal_status(signal), {}});
}

void Publisher::stop() {
  progress_.stop();
  if (options_.summary) print_summary();
  run_.stop();
}

bool Publisher::wants_progress() const {
  const bool is_long = options_.is_stream() || options_.repeat > 1;
  const bool is_typed =
      options_.payload.kind == cli::PayloadSource::Kind::stdin_lines && isatty(STDIN_FILENO) == 1;
  return terminal_.is_shown() && is_long && !is_typed && !options_.connection.quiet &&
         !options_.connection.debug;
}

void Publisher::show_progress() {
  if (run_.is_ending()) return;
  const std::chrono::duration<double> elapsed =
      counts_.sent == 0 ? Clock::duration(0) : Clock::now() - first_sent_;
  terminal_.show(progress_text(counts_.sent, source_->share(), elapsed, terminal_.columns()));
}

void Publisher::print_summary() {
  const std::chrono::duration<double> time =
      counts_.sent == 0 ? Clock::duration(0) : Clock::now() - first_sent_;
  counts_.unanswered = open_messages_;
  run_.output().buffer() += summary_line(counts_, time, *options_.summary);
}

void Publisher::complain(const std::string& lines) {
  if (lines.empty()) return;
  terminal_.clear();
  run_.complain(lines);
}

}  // namespace pub
