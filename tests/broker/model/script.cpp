#include "broker/model/script.h"

#include <fmt/format.h>

#include <array>
#include <random>

namespace model {
namespace {

constexpr std::array<std::string_view, 5> topics{"a", "a/b", "a/c", "b", "b/b/c"};
constexpr std::array<std::string_view, 10> filters{
    "a", "a/b", "a/+", "a/#", "#", "+/b", "b", "b/b/+", "$share/g/a/#", "$share/h/+"};
constexpr std::size_t plain_filters = 8;
constexpr unsigned clients = 4;

/// Of its own, as the standard's distributions differ from library to library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// 0 to sides - 1
  unsigned roll(std::size_t sides) { return static_cast<unsigned>(engine_() % sides); }
  bool one_in(unsigned sides) { return roll(sides) == 0; }
  template <class Row>
  auto pick(const Row& row) {
    return row[roll(row.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// Even seconds pass, and lives are odd: nothing ever falls due exactly now.
constexpr std::array<std::uint32_t, 3> passing{2, 4, 60};
constexpr std::array<std::uint32_t, 4> session_lives{0, 3, 61, UINT32_MAX};
constexpr std::array<std::uint32_t, 2> message_lives{3, 61};

Kind random_kind(Dice& dice) {
  struct Weight {
    Kind kind;
    unsigned weight;
  };
  constexpr std::array<Weight, 12> weights{{{Kind::connect, 7},
                                            {Kind::disconnect, 2},
                                            {Kind::drop, 4},
                                            {Kind::subscribe, 10},
                                            {Kind::unsubscribe, 3},
                                            {Kind::publish, 30},
                                            {Kind::release, 8},
                                            {Kind::release_again, 1},
                                            {Kind::repeat, 3},
                                            {Kind::acknowledge, 24},
                                            {Kind::move, 4},
                                            {Kind::pass, 4}}};
  unsigned left = dice.roll(100);
  for (const Weight& entry : weights) {
    if (left < entry.weight) return entry.kind;
    left -= entry.weight;
  }
  return Kind::acknowledge;
}

void choose_connect(Dice& dice, const Setting& setting, Step& step) {
  step.v5 = !dice.one_in(3);
  step.clean = dice.one_in(4);
  if (step.v5) {
    step.expiry_s = dice.pick(session_lives);
    if (dice.one_in(3)) step.receive_max = static_cast<std::uint16_t>(1 + dice.roll(3));
  } else {
    step.clean = dice.one_in(3);
  }
  if (setting.short_queues() && !step.v5) step.clean = false;
}

void choose_subscribe(Dice& dice, const Setting& setting, Step& step) {
  // Where queues are short, it must be known which member of a group is chosen: there is one.
  const bool may_share = !setting.short_queues() || step.client == 0;
  const bool any = may_share && !setting.sharing;
  step.text = filters[dice.roll(any ? filters.size() : plain_filters)];
  // One group only: a client in two of them may be sent the same twice, and nobody can tell which is
  // which.
  if (setting.sharing && !dice.one_in(4)) step.text = filters[plain_filters];
  step.qos = static_cast<int>(dice.roll(3));
  step.no_local = dice.one_in(4);
  step.retain_as_published = dice.one_in(3);
  step.retain_handling = dice.one_in(2) ? 0 : static_cast<int>(dice.roll(3));
  step.identifier = dice.one_in(3) ? 1 + dice.roll(200) : 0;
  step.repeated = dice.one_in(5) ? 1 + dice.roll(3) : 0;
}

void choose_publish(Dice& dice, const Setting& setting, Step& step) {
  step.text = dice.pick(topics);
  step.qos = static_cast<int>(dice.roll(3));
  step.retain = dice.one_in(4);
  step.empty = step.retain && dice.one_in(4);
  step.dup = step.qos == 1 && dice.one_in(6);
  if (!setting.short_queues() && dice.one_in(4)) step.expiry_s = dice.pick(message_lives);
  step.hurry = !setting.short_queues() && !step.retain && step.qos != 2 && dice.one_in(2);
}

Step random_step(Dice& dice, const Setting& setting) {
  Step step;
  step.kind = random_kind(dice);
  step.client = dice.roll(clients);
  step.which = dice.roll(8);
  switch (step.kind) {
    case Kind::connect:
      choose_connect(dice, setting, step);
      break;
    case Kind::disconnect:
      step.expiry_s = dice.one_in(3) ? 5U : 0U;
      break;
    case Kind::subscribe:
    case Kind::unsubscribe:
      choose_subscribe(dice, setting, step);
      break;
    case Kind::publish:
      choose_publish(dice, setting, step);
      break;
    case Kind::acknowledge:
      step.refuse = dice.one_in(12);
      break;
    case Kind::pass:
      step.seconds = dice.pick(passing);
      break;
    default:
      break;
  }
  return step;
}

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, 12> names{
      "connect", "disconnect",    "drop",   "subscribe",   "unsubscribe", "publish",
      "release", "release-again", "repeat", "acknowledge", "move",        "pass"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string Setting::configuration() const {
  return fmt::format("max_inflight_messages {}\nmax_queued_messages {}\nqueue_qos0_messages {}\n",
                     max_inflight, max_queued, queue_qos0);
}

std::string to_text(const Step& step) {
  if (step.kind == Kind::pass) return fmt::format("pass {} s", step.seconds);
  std::string text = fmt::format("c{} {}", step.client, name(step.kind));
  const auto word = [&text](bool said, std::string_view what) {
    if (said) text.append(" ").append(what);
  };
  const auto number = [&text](std::string_view what, std::uint64_t value) {
    if (value != 0) text += fmt::format(" {}={}", what, value);
  };
  switch (step.kind) {
    case Kind::connect:
      word(true, step.v5 ? "v5" : "v3.1.1");
      word(true, step.clean ? "clean" : "resume");
      if (step.expiry_s == UINT32_MAX) {
        word(true, "expiry=never");
      } else {
        number("expiry", step.expiry_s);
      }
      number("receive-maximum", step.receive_max);
      break;
    case Kind::disconnect:
      number("expiry", step.expiry_s);
      break;
    case Kind::subscribe:
      text += fmt::format(" {} qos={}", step.text, step.qos);
      word(step.no_local, "no-local");
      word(step.retain_as_published, "retain-as-published");
      number("retain-handling", static_cast<unsigned>(step.retain_handling));
      number("identifier", step.identifier);
      number("repeated", step.repeated);
      break;
    case Kind::unsubscribe:
      word(true, step.text);
      break;
    case Kind::publish:
      text += fmt::format(" {} qos={}", step.text, step.qos);
      word(step.retain, "retain");
      word(step.empty, "empty");
      word(step.dup, "dup");
      number("expiry", step.expiry_s);
      word(step.hurry, "(at once with the next)");
      break;
    case Kind::acknowledge:
      text += fmt::format(" #{}", step.which);
      word(step.refuse, "refuse");
      break;
    case Kind::release:
    case Kind::repeat:
    case Kind::move:
      text += fmt::format(" #{}", step.which);
      break;
    default:
      break;
  }
  return text;
}

std::string to_text(const Setting& setting, const Script& script) {
  std::string text = fmt::format(
      "{} worker(s), max_inflight_messages {}, max_queued_messages {}, queue_qos0_messages {}\n",
      setting.workers, setting.max_inflight, setting.max_queued, setting.queue_qos0);
  for (const Step& step : script) text += "  " + to_text(step) + "\n";
  return text;
}

Setting random_setting(std::uint64_t seed, unsigned workers) {
  Dice dice(seed * 2 + 1);
  Setting setting;
  setting.workers = workers;
  setting.max_inflight = static_cast<std::uint16_t>(dice.one_in(3) ? 20 : 1 + dice.roll(4));
  if (dice.one_in(3)) setting.max_queued = 3 + dice.roll(4);
  setting.queue_qos0 = dice.one_in(3);
  setting.sharing = !setting.short_queues() && dice.one_in(3);
  return setting;
}

Script random_script(std::uint64_t seed, const Setting& setting, std::size_t steps) {
  Dice dice(seed);
  Script script;
  // Everyone is there at first, most with a session that lasts, so that little is said in vain.
  for (unsigned client = 0; client < clients; ++client) {
    Step step;
    step.kind = Kind::connect;
    step.client = client;
    choose_connect(dice, setting, step);
    script.push_back(step);
    step = Step();
    step.kind = Kind::subscribe;
    step.client = client;
    choose_subscribe(dice, setting, step);
    script.push_back(step);
  }
  while (script.size() < steps) script.push_back(random_step(dice, setting));
  return script;
}

}  // namespace model
