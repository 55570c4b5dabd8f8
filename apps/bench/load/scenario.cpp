#include "bench/load/scenario.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bench {
namespace {

using Kind = Step::Kind;
using Senders = ClientGroup::Senders;

ClientGroup group(std::string name, std::uint32_t size) {
  ClientGroup group;
  group.name = std::move(name);
  group.size = size;
  return group;
}

ClientGroup publishers(const ScenarioSettings& settings) {
  ClientGroup publishers = group("pub", settings.publishers);
  publishers.topic = settings.topic;
  return publishers;
}

ClientGroup subscribers(const ScenarioSettings& settings, Senders senders) {
  ClientGroup subscribers = group("sub", settings.subscribers);
  subscribers.senders = senders;
  subscribers.filter = settings.filter;
  if (!subscribers.filter) subscribers.filter = TopicTemplate::of(settings.topic->as_filter());
  return subscribers;
}

void arrange_load(LoadPlan& plan) {
  for (std::size_t i = 0; i < plan.groups.size(); ++i) plan.steps.push_back({Kind::connect, i});
  plan.steps.push_back({Kind::load, 0, true});
  plan.steps.push_back({Kind::drain});
}

void arrange_conn(const ScenarioSettings& settings, LoadPlan& plan) {
  plan.main_latency = MainLatency::connect;
  plan.groups = {group("client", settings.subscribers)};
  plan.steps = {{Kind::connect, 0, true, "connect-rate"}, {Kind::hold}};
}

void arrange_pair(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup receivers = subscribers(settings, Senders::same_index);
  if (!settings.filter) receivers.filter = settings.topic;
  plan.groups = {receivers, publishers(settings)};
  arrange_load(plan);
}

void arrange_fanout(const ScenarioSettings& settings, LoadPlan& plan) {
  plan.groups = {subscribers(settings, Senders::all), publishers(settings)};
  plan.deliveries_per_message = settings.subscribers;
  arrange_load(plan);
}

void arrange_fanin(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup receivers = subscribers(settings, Senders::all);
  receivers.shares = true;
  receivers.filter = TopicTemplate::of("$share/bench/" + receivers.filter->text());
  plan.groups = {receivers, publishers(settings)};
  arrange_load(plan);
}

void arrange_retained(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup receivers = subscribers(settings, Senders::all);
  receivers.subscribes_later = true;
  plan.groups = {publishers(settings), receivers};
  plan.retain = true;
  plan.deliveries_per_message = settings.subscribers;
  plan.arrival_name = "replay";
  plan.steps = {{Kind::connect, 0},
                {Kind::fill, 0, false, "set-rate"},
                {Kind::connect, 1},
                {Kind::subscribe, 1, true},
                {Kind::drain, 1, true, "replay-rate"}};
  plan.farewell = {{Kind::clear, 0}};
}

void arrange_offline(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup receivers = subscribers(settings, Senders::same_index);
  if (!settings.filter) receivers.filter = settings.topic;
  receivers.keeps_session = true;
  plan.groups = {receivers, publishers(settings)};
  plan.arrival_name = "drain";
  plan.steps = {{Kind::connect, 0},       {Kind::disconnect, 0},
                {Kind::connect, 1},       {Kind::fill, 1, false, "fill-rate"},
                {Kind::connect, 0, true}, {Kind::drain, 0, true, "drain-rate"}};
  plan.farewell = {{Kind::forget, 0}};
}

void arrange_storm(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup clients = group("client", settings.subscribers);
  clients.filter = settings.filter ? settings.filter : settings.topic;
  plan.groups = {clients};
  plan.main_latency = MainLatency::connect;
  plan.connects_at_once = std::numeric_limits<std::uint32_t>::max();
  plan.steps = {{Kind::connect, 0}};
  for (std::uint32_t round = 0; round < settings.rounds; ++round) {
    plan.steps.push_back({Kind::drop, 0, true});
    plan.steps.push_back({Kind::connect, 0, true, "reconnect-rate"});
  }
}

void arrange_slow(const ScenarioSettings& settings, LoadPlan& plan) {
  ClientGroup stalled = subscribers(settings, Senders::all);
  stalled.name = "slow";
  stalled.size = settings.stalled;
  stalled.stalls = true;
  plan.groups = {subscribers(settings, Senders::all), stalled, publishers(settings)};
  plan.deliveries_per_message = settings.subscribers;
  for (std::size_t i = 0; i < plan.groups.size(); ++i) plan.steps.push_back({Kind::connect, i});
  plan.steps.push_back({Kind::load});
  plan.steps.push_back({Kind::stall});
  plan.steps.push_back({Kind::load, 0, true});
  plan.steps.push_back({Kind::drain});
}

void arrange_pub(const ScenarioSettings& settings, LoadPlan& plan) {
  plan.groups = {publishers(settings)};
  plan.deliveries_per_message = 0;
  plan.main_latency = MainLatency::completion;
  arrange_load(plan);
}

void arrange_sub(const ScenarioSettings& settings, LoadPlan& plan) {
  plan.groups = {subscribers(settings, Senders::unknown)};
  plan.deliveries_per_message = 0;
  plan.steps = {{Kind::connect, 0}, {Kind::load, 0, true}};
}

void arrange_reqrep(const ScenarioSettings& settings, LoadPlan& plan) {
  const TopicTemplate reply = TopicTemplate::of(settings.topic->text() + "/reply");
  ClientGroup responders = subscribers(settings, Senders::all);
  responders.name = "rep";
  responders.responds = true;
  responders.shares = true;
  responders.filter = TopicTemplate::of("$share/bench/" + responders.filter->text());
  responders.topic = reply;
  ClientGroup requesters = publishers(settings);
  requesters.name = "req";
  requesters.filter = reply;
  requesters.in_order = settings.subscribers == 1;
  plan.groups = {responders, requesters};
  plan.arrival_name = "request";
  arrange_load(plan);
}

constexpr std::array table{
    Scenario{.name = "conn",
             .description = "Connect many clients and keep them connected: rate, latency, memory",
             .topic = "",
             .publishers_option = "",
             .subscribers_option = "--clients",
             .subscribers_help = "Clients",
             .example = "--clients 10000 --connect-rate 1k --duration 30s",
             .subscribers = 1000,
             .arrange = arrange_conn},
    Scenario{.name = "pair",
             .description = "Each publisher sends to a subscriber of its own",
             .topic = "bench/pair/%i",
             .publishers_option = "--pairs",
             .publishers_help = "Pairs of a publisher and a subscriber",
             .subscribers_option = "",
             .example = "--pairs 500 -q 1 --window 20 --expect loss=0 'p99<5ms'",
             .publishers = 100,
             .arrange = arrange_pair},
    Scenario{.name = "fanout",
             .description = "A few publishers send to all subscribers",
             .topic = "bench/fanout/%i",
             .publishers_option = "--publishers",
             .publishers_help = "Publishers",
             .subscribers_option = "--subscribers",
             .subscribers_help = "Subscribers",
             .example = "--subscribers 500 --broker-pid 1234",
             .publishers = 1,
             .subscribers = 100,
             .arrange = arrange_fanout},
    Scenario{.name = "fanin",
             .description = "Many publishers send to a few subscribers with a shared subscription",
             .topic = "bench/fanin/%i",
             .publishers_option = "--publishers",
             .publishers_help = "Publishers",
             .subscribers_option = "--subscribers",
             .subscribers_help = "Subscribers",
             .example = "--publishers 100 --subscribers 4 -q 1",
             .publishers = 100,
             .subscribers = 4,
             .arrange = arrange_fanin},
    Scenario{.name = "retained",
             .description = "Publish retained messages, then deliver them to new subscribers",
             .topic = "bench/retained/%i/%n",
             .publishers_option = "--publishers",
             .publishers_help = "Publishers",
             .subscribers_option = "--subscribers",
             .subscribers_help = "Subscribers",
             .example = "--count 200k",
             .publishers = 1,
             .subscribers = 1,
             .window = 1000,
             .count = 10'000,
             .arrange = arrange_retained},
    Scenario{.name = "offline",
             .description = "Fill the queues of offline sessions, then reconnect and drain them",
             .topic = "bench/offline/%i",
             .publishers_option = "--sessions",
             .publishers_help = "Sessions, and as many publishers",
             .subscribers_option = "",
             .example = "--sessions 1000 --count 500",
             .publishers = 100,
             .qos = 1,
             .count = 100,
             .arrange = arrange_offline},
    Scenario{.name = "storm",
             .description = "All clients lose their connection and reconnect at once",
             .topic = "bench/storm/%i",
             .publishers_option = "",
             .subscribers_option = "--clients",
             .subscribers_help = "Clients",
             .example = "--clients 5000 --rounds 3",
             .subscribers = 1000,
             .rounds = 1,
             .arrange = arrange_storm},
    Scenario{.name = "slow",
             .description = "Some subscribers stop reading: the effect on the others",
             .topic = "bench/slow/%i",
             .publishers_option = "--publishers",
             .publishers_help = "Publishers",
             .subscribers_option = "--subscribers",
             .subscribers_help = "Subscribers",
             .example = "--stalled 20 --rate 500",
             .publishers = 1,
             .subscribers = 50,
             .stalled = 10,
             .rate = 200,
             .arrange = arrange_slow},
    Scenario{.name = "pub",
             .description = "Publish only; the subscribers run elsewhere",
             .topic = "bench/%i",
             .publishers_option = "--publishers",
             .publishers_help = "Publishers",
             .subscribers_option = "",
             .example = "--publishers 50 -q 1 --rate 100",
             .publishers = 10,
             .arrange = arrange_pub},
    Scenario{.name = "sub",
             .description = "Subscribe only; the publishers run elsewhere",
             .topic = "bench/%i",
             .publishers_option = "",
             .subscribers_option = "--subscribers",
             .subscribers_help = "Subscribers",
             .example = "--subscribers 50 --filter 'bench/#'",
             .subscribers = 10,
             .arrange = arrange_sub},
    Scenario{.name = "reqrep",
             .description = "Requests and responses: round-trip time",
             .topic = "bench/request/%i",
             .publishers_option = "--requesters",
             .publishers_help = "Clients that send requests",
             .subscribers_option = "--responders",
             .subscribers_help = "Clients that respond, through a shared subscription",
             .example = "-q 1 --window 1 --requesters 1",
             .publishers = 10,
             .subscribers = 1,
             .window = 1,
             .arrange = arrange_reqrep},
};

}  // namespace

std::span<const Scenario> scenarios() {
  return table;
}

const Scenario* find_scenario(std::string_view name) {
  const auto* const found = std::find_if(
      table.begin(), table.end(), [&](const Scenario& scenario) { return scenario.name == name; });
  return found == table.end() ? nullptr : found;
}

}  // namespace bench
