#include "sub/subscriber.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <utility>

#include "cli/options/exit_code.h"
#include "cli/output/printable_text.h"

namespace sub {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::ReasonCode;
using Cause = mqtt::client::ConnectionEnd::Cause;

/// Fewer messages than this: the broker is asked not to send more than are wanted.
constexpr std::uint32_t small_count = 20;

mqtt::client::ClientOptions client_options(const SubOptions& options) {
  auto client = cli::client_options(options.connection);
  client.connect.acknowledge_by = mqtt::AcknowledgeBy::owner;
  client.reconnect = mqtt::client::ReconnectPolicy{};
  client.reconnect->max_delay = std::chrono::seconds(30);
  client.reconnect->retry_refused = true;  // after a DISCONNECT; see on_disconnected
  mqtt::PropertyList& properties = client.connect.properties;
  if (options.count.value_or(small_count) < small_count && is_v5(options.connection.version) &&
      !properties.view().contains(mqtt::PropertyId::receive_maximum)) {
    properties.add(mqtt::PropertyId::receive_maximum, *options.count);
  }
  return client;
}

std::vector<mqtt::TopicFilter> parsed_filters(const std::vector<std::string>& texts) {
  std::vector<mqtt::TopicFilter> filters;
  for (const std::string& text : texts) filters.push_back(*mqtt::TopicFilter::parse(text));
  return filters;
}

}  // namespace

Subscriber::Subscriber(const SubOptions& options, std::optional<RecordingFile> recording)
    : options_(options),
      run_(options.connection),
      client_(run_.loop(), client_options(options), *this),
      printer_(options.output),
      recording_file_(std::move(recording)),
      filters_out_(parsed_filters(options.filters_out)),
      timeout_(run_.loop(), [this] { on_timeout(); }),
      idle_(run_.loop(), [this] { on_idle(); }),
      second_(run_.loop(), [this] { print_rate(); }),
      summary_(options.depth),
      every_(run_.loop(), [this] { print_summary(); }),
      outage_(options.connection) {
  if (recording_file_) recording_output_.emplace(run_.loop(), recording_file_->descriptor());
  if (options.record) {
    recorder_.emplace(run_.loop(), recording_output_ ? *recording_output_ : run_.output());
  }
}

int Subscriber::run() {
  run_.catch_signals([this](int signal) { on_signal(signal); });
  run_.trace(client_);
  watch_outputs();
  if (options_.timeout_s) timeout_.start(std::chrono::seconds(*options_.timeout_s));
  if (options_.message_rate) second_.start(std::chrono::seconds(1), std::chrono::seconds(1));
  if (options_.summary) begin_summary();
  if (options_.stats) begin_stats();
  if (options_.prints_messages()) {
    printer_.begin(run_.output().buffer(), options_.connection.host);
    if (options_.output.watch) watch_window();
  }
  client_.connect();
  int ended = run_.run();
  if (recording_output_) {
    recording_output_->write_rest(true);
    const FinalWord closed = cli::output_closed_word(*recording_output_, *options_.record);
    if (ended == status(ExitCode::success)) {
      run_.complain(closed.message);
      ended = closed.status;
    }
  }
  if (connected_once_ && ended != status(ExitCode::output_failed)) tell_what_was_done();
  return ended;
}

void Subscriber::tell_what_was_done() {
  if (recorder_) {
    const Recorder::Counts& counts = recorder_->counts();
    const std::chrono::duration<double> elapsed = Clock::now() - began_;
    run_.complain(fmt::format("Recorded {} {} ({} bytes) in {:.1f} s{}.\n", counts.messages,
                              counts.messages == 1 ? "message" : "messages", counts.bytes,
                              elapsed.count(),
                              options_.records_to_output() ? "" : " into " + *options_.record));
  }
  if (options_.remove_retained) {
    run_.complain(fmt::format("{} retained {} {}.\n", removals_,
                              removals_ == 1 ? "message" : "messages",
                              options_.dry_run ? "would be removed" : "removed"));
  }
}

void Subscriber::watch_window() {
  window_signal_ = cli::make_loop_handle(run_.loop(), uv_signal_init, this);
  uv_signal_start(
      window_signal_.get(),
      [](uv_signal_t* handle, int) {
        auto& self = *static_cast<Subscriber*>(handle->data);
        self.printer_.on_window_resized(self.run_.output().buffer());
      },
      SIGWINCH);
}

void Subscriber::watch_outputs() {
  cli::StandardOutput::Events events{
      .on_written = [this] { on_written(); },
      .on_congested = [this] { on_congested(); },
      .on_closed = [this] { on_output_closed(); },
  };
  if (recorder_) events.before_write = [this] { recorder_->end_turn(); };
  if (recording_output_) {
    auto recording_events = events;
    recording_events.on_closed = [this] { on_recording_closed(); };
    recording_output_->set_events(std::move(recording_events));
    events.before_write = {};
    if (!options_.uses_output()) events.on_closed = {};
  }
  run_.output().set_events(std::move(events));
}

void Subscriber::on_connected(const mqtt::Connack& /*connack*/) {
  connected_once_ = true;
  run_.complain(outage_.on_connected(Clock::now()));
  if (run_.is_ending()) return;
  open_requests_ = 0;
  any_denied_ = false;
  last_message_ = Clock::now();
  if (options_.idle) idle_.start(*options_.idle);
  // Also when the session was kept: the filters may have changed since it was made.
  if (!options_.filters.empty()) subscribe();
  if (!options_.unsubscribe.empty()) unsubscribe();
  end_if_answered();
}

void Subscriber::subscribe() {
  std::vector<mqtt::SubscriptionRequest> requests;
  for (const std::string& filter : options_.filters) {
    requests.push_back({filter, options_.retained.subscription(options_.connection.qos)});
  }
  const auto sent = client_.subscribe(
      requests, options_.connection.properties.subscribe,
      [this](const mqtt::client::SubscribeResult& result) { on_subscribed(result); });
  if (sent) {
    ++open_requests_;
    return;
  }
  end_with({status(ExitCode::subscription_denied),
            fmt::format("Error: cannot subscribe: {}\n", text(sent.error()))},
           ReasonCode::normal_disconnection);
}

void Subscriber::unsubscribe() {
  for (const std::string& filter : options_.unsubscribe) {
    const std::string_view text_of_filter = filter;
    const auto sent = client_.unsubscribe(
        std::span(&text_of_filter, 1), options_.connection.properties.unsubscribe,
        [this, &filter](const mqtt::client::SubscribeResult& result) {
          on_unsubscribed(filter, result);
        });
    if (sent) {
      ++open_requests_;
      continue;
    }
    run_.complain(
        fmt::format("Warning: cannot unsubscribe from {}: {}\n", filter, text(sent.error())));
  }
}

void Subscriber::on_subscribed(const mqtt::client::SubscribeResult& result) {
  if (result.error) return;  // the connection was lost: the next one subscribes again
  std::size_t denied = 0;
  for (std::size_t i = 0; i < result.reasons.size(); ++i) {
    if (!is_error(result.reasons[i])) continue;
    ++denied;
    run_.complain(fmt::format(
        "Error: the broker denied the subscription to {}: {}\n", options_.filters[i],
        cli::reason_text(result.reasons[i], mqtt::PacketType::suback, result.properties)));
  }
  any_denied_ |= denied > 0;
  last_message_ = Clock::now();
  if (denied == result.reasons.size()) {
    return end_with({status(ExitCode::subscription_denied), {}}, ReasonCode::normal_disconnection);
  }
  on_answered();
}

void Subscriber::on_unsubscribed(const std::string& filter,
                                 const mqtt::client::SubscribeResult& result) {
  if (result.error) return;  // as for a subscription
  // Only MQTT 5 gives reasons.
  if (!result.reasons.empty() && is_error(result.reasons.front())) {
    any_denied_ = true;
    run_.complain(fmt::format(
        "Error: the broker did not end the subscription to {}: {}\n", filter,
        cli::reason_text(result.reasons.front(), mqtt::PacketType::unsuback, result.properties)));
  }
  on_answered();
}

void Subscriber::on_answered() {
  --open_requests_;
  end_if_answered();
}

void Subscriber::end_if_answered() {
  if (!options_.exit_when_subscribed || open_requests_ > 0 || finished_ || run_.is_ending()) return;
  if (any_denied_) {
    end_with({status(ExitCode::subscription_denied), {}}, ReasonCode::normal_disconnection);
  } else {
    finish_soon();
  }
}

void Subscriber::finish_soon() {
  finished_ = true;
  if (recorder_) recorder_->flush_soon();
}

void Subscriber::on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) {
  if (finished_ || run_.is_ending()) return;
  if (options_.retained_only && !message.retain && !options_.message_rate) {
    finish_soon();
    return;
  }
  if (number != 0) unwritten_.push_back(number);
  if (options_.retained.drop && message.retain) return;
  if (is_filtered_out(message.topic)) return;
  if (options_.idle) last_message_ = Clock::now();
  if (options_.remove_retained && message.retain && !message.payload.empty()) {
    remove_retained(message);
  }
  if (options_.message_rate) {
    ++messages_this_second_;
  } else {
    show(message);
  }
}

void Subscriber::show(const mqtt::Publish& message) {
  // Those that are not drawn count, too: what -C limits is how many are taken from the broker.
  if (is_drawn()) {
    if (recorder_) record(message);
    if (options_.summary) count(message);
    if (stats_) stats_->add(message);
    if (options_.prints_messages()) print(message);
  }
  ++shown_;
  if (shown_ == options_.count) finish_soon();
}

void Subscriber::record(const mqtt::Publish& message) {
  if (recorder_->add(message)) return;
  run_.complain(
      fmt::format("Error: a message of \"{}\" is too large to be recorded\n", message.topic));
}

bool Subscriber::is_drawn() {
  return options_.printed_share >= 1 ||
         std::bernoulli_distribution(options_.printed_share)(random_);
}

bool Subscriber::is_filtered_out(std::string_view topic) const {
  return std::ranges::any_of(filters_out_, [topic](const mqtt::TopicFilter& filter) {
    return mqtt::matches(filter.filter(), topic);
  });
}

void Subscriber::print(const mqtt::Publish& message) {
  printer_.print(run_.output().buffer(), message, complaints_);
  if (!complaints_.empty()) {
    run_.complain("Error: " + complaints_);
    complaints_.clear();
  }
}

void Subscriber::print_rate() {
  run_.output().buffer() += fmt::format("{} msgs/s\n", std::exchange(messages_this_second_, 0));
}

void Subscriber::begin_stats() {
  // The table goes away at the end of the turn, not inside its own call.
  stats_ =
      std::make_unique<LiveStats>(run_.loop(), run_.output(), cli::broker_name(options_.connection),
                                  options_.depth, [this] { finish_soon(); });
}

void Subscriber::begin_summary() {
  if (options_.every) every_.start(*options_.every, *options_.every);
  summary_signal_ = cli::make_loop_handle(run_.loop(), uv_signal_init, this);
  uv_signal_start(
      summary_signal_.get(),
      [](uv_signal_t* handle, int) { static_cast<Subscriber*>(handle->data)->print_summary(); },
      SIGUSR1);
}

void Subscriber::count(const mqtt::Publish& message) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  summary_.add(message.topic, message.payload.size(), now);
}

void Subscriber::print_summary() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began_;
  std::string& out = run_.output().buffer();
  const std::size_t begin = out.size();
  summary_.print(out, *options_.summary, elapsed.count(),
                 options_.top.value_or(TopicSummary::most_topics));
  if (options_.output.print.is_safe()) cli::escape_controls(out, begin);
}

void Subscriber::remove_retained(const mqtt::Publish& message) {
  if (options_.dry_run) {
    ++removals_;
    return;
  }
  mqtt::Publish removal;
  removal.qos = mqtt::QoS::at_least_once;
  removal.retain = true;
  removal.topic = message.topic;
  const auto sent = client_.publish(
      removal, [this, topic = std::string(message.topic)](
                   const mqtt::client::PublishResult& result) { on_removed(topic, result); });
  if (sent) {
    ++open_removals_;
  } else {
    run_.complain(fmt::format("Warning: cannot remove the retained message of {}: {}\n",
                              message.topic, text(sent.error())));
  }
}

void Subscriber::on_removed(const std::string& topic, const mqtt::client::PublishResult& result) {
  --open_removals_;
  if (result.ok()) {
    ++removals_;
    return;
  }
  run_.complain(fmt::format(
      "Warning: the broker did not remove the retained message of {}: {}\n", topic,
      result.error ? std::string(text(*result.error))
                   : cli::reason_text(result.reason, mqtt::PacketType::puback, result.properties)));
}

void Subscriber::on_congested() {
  held_back_ = true;
  if (recorder_) recorder_->flush_soon();  // nothing more comes into its block
  client_.pause();
}

bool Subscriber::is_all_written() const {
  return run_.output().waiting() == 0 &&
         (!recording_output_ || recording_output_->waiting() == 0) &&
         (!recorder_ || recorder_->is_flushed());
}

void Subscriber::on_written() {
  if (!is_all_written()) return;
  for (const mqtt::ArrivalNumber number : unwritten_) client_.acknowledge(number);
  unwritten_.clear();
  if (run_.is_ending()) return;
  if (std::exchange(held_back_, false)) client_.resume();
  if (finished_ && open_removals_ == 0) end_with({}, ReasonCode::normal_disconnection);
}

void Subscriber::on_output_closed() {
  if (!run_.is_ending()) {
    end_with(cli::output_closed_word(run_.output()), ReasonCode::normal_disconnection);
  }
}

void Subscriber::on_recording_closed() {
  if (!run_.is_ending()) {
    end_with(cli::output_closed_word(*recording_output_, *options_.record),
             ReasonCode::normal_disconnection);
  }
}

void Subscriber::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  const bool taken_over =
      end.cause == Cause::by_server && end.reason == ReasonCode::session_taken_over;
  if (end.retry_in && end.cause != Cause::refused && !taken_over) {
    idle_.stop();
    run_.complain(outage_.on_lost(end, Clock::now()));
    return;
  }
  if (options_.summary && connected_once_) print_summary();
  if (recorder_) recorder_->finish();
  if (options_.prints_messages()) printer_.end(run_.output().buffer());
  stats_.reset();
  run_.end_with(
      cli::final_word(end, options_.connection, connected_once_ && !outage_.is_under_way()));
  run_.stop();
}

void Subscriber::end_with(FinalWord word, ReasonCode reason) {
  stats_.reset();  // the last words belong on the other screen
  every_.stop();   // the last figures come once
  idle_.stop();
  run_.end_with(std::move(word));
  client_.disconnect(reason, options_.connection.properties.disconnect);
}

void Subscriber::on_timeout() {
  end_with({status(ExitCode::timeout), "Timed out\n"}, ReasonCode::disconnect_with_will_message);
}

void Subscriber::on_idle() {
  if (finished_ || run_.is_ending()) return;
  // Nothing is read from the broker while the output is full.
  if (held_back_) last_message_ = Clock::now();
  const auto silent = Clock::now() - last_message_;
  if (silent < *options_.idle) {
    return idle_.start(std::chrono::ceil<std::chrono::milliseconds>(*options_.idle - silent));
  }
  finish_soon();
}

void Subscriber::on_signal(int signal) {
  end_with({connected_once_ ? status(ExitCode::success) : cli::signal_status(signal), {}},
           ReasonCode::disconnect_with_will_message);
}

}  // namespace sub
