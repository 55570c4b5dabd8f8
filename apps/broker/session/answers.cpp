#include "session/answers.h"

#include <utility>

namespace broker {
namespace {

struct Sending {
  void operator()(const Acknowledgement& answer) const {
    sink.send_acknowledgement(answer.type, answer.packet_id, answer.reason);
  }
  void operator()(const mqtt::Suback& answer) const { sink.send(answer); }
  void operator()(const mqtt::Unsuback& answer) const { sink.send(answer); }
  void operator()(const SessionKept&) const { sink.session_kept(); }
  PacketSink& sink;
};

bool is_puback(const WaitingAnswers::Answer& answer) {
  const auto* const acknowledgement = std::get_if<Acknowledgement>(&answer);
  return acknowledgement != nullptr && acknowledgement->type == mqtt::PacketType::puback;
}

}  // namespace

void WaitingAnswers::send(const Answer& answer, PacketSink& sink) {
  std::visit(Sending{sink}, answer);
}

std::size_t WaitingAnswers::bytes_of(const Answer& answer) {
  std::size_t reasons = 0;
  if (const auto* suback = std::get_if<mqtt::Suback>(&answer)) reasons = suback->reasons.size();
  if (const auto* unsuback = std::get_if<mqtt::Unsuback>(&answer))
    reasons = unsuback->reasons.size();
  return sizeof(Waiting) + reasons * sizeof(mqtt::ReasonCode);
}

void WaitingAnswers::add(Position position, Answer answer) {
  pubacks_ += is_puback(answer) ? 1U : 0U;
  bytes_ += bytes_of(answer);
  waiting_.push_back({position, std::move(answer)});
}

void WaitingAnswers::release(Position committed, PacketSink& sink) {
  while (!waiting_.empty() && waiting_.front().position <= committed) {
    const Answer answer = std::move(waiting_.front().answer);
    waiting_.pop_front();
    pubacks_ -= is_puback(answer) ? 1U : 0U;
    bytes_ -= bytes_of(answer);
    send(answer, sink);
  }
}

}  // namespace broker
