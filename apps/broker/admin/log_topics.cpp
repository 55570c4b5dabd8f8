#include "admin/log_topics.h"

#include <fmt/core.h>

#include <utility>

#include "session/dispatcher.h"

namespace broker {
namespace {

constexpr Millis life_ms = 20'000;

std::string_view subtopic(LogType type) {
  switch (type) {
    case LogType::error:
      return "E";
    case LogType::warning:
      return "W";
    case LogType::notice:
      return "N";
    case LogType::information:
      return "I";
    case LogType::subscribe:
      return "M/subscribe";
    case LogType::unsubscribe:
      return "M/unsubscribe";
    default:
      return {};  // see Log::topic_types
  }
}

}  // namespace

LogTopics::LogTopics(SessionContext& context) : context_(context) {
  context_.here.log.set_topic_sink(this);
}

LogTopics::~LogTopics() {
  context_.here.log.set_topic_sink(nullptr);
}

void LogTopics::take(LogType type, std::string_view line) {
  {
    const std::scoped_lock guard(mutex_);
    if (waiting_bytes_ + line.size() > most_waiting_bytes) {
      ++left_out_;
      return;
    }
    waiting_bytes_ += line.size();
    waiting_.push_back({type, std::string(line)});
    if (waiting_.size() > 1) return;  // the letter is on its way
  }
  context_.here.worker.post(make_letter([this] { publish_waiting(); }));
}

void LogTopics::publish_waiting() {
  std::vector<Line> lines;
  std::uint64_t left_out = 0;
  {
    const std::scoped_lock guard(mutex_);
    lines.swap(waiting_);
    waiting_bytes_ = 0;
    left_out = std::exchange(left_out_, 0);
  }
  const Log::NotToTopics no_echo;
  for (const Line& line : lines) publish(line);
  if (left_out != 0)
    publish({LogType::warning, fmt::format("{} log lines were not published", left_out)});
}

void LogTopics::publish(const Line& line) {
  const std::string topic = std::string(Log::topic_root).append(subtopic(line.type));
  MessageView message{mqtt::TopicName::from_valid(topic),
                      mqtt::as_bytes(line.text),
                      mqtt::QoS::exactly_once,
                      /*retain=*/false,
                      {},
                      context_.here.worker.now() + life_ms,
                      {}};
  Publication publication(message);
  context_.dispatcher.publish(publication);
}

}  // namespace broker
