#include "bench/load/settlement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace bench {
namespace {

using Threads = std::vector<std::unique_ptr<LoadThread>>;

/// By number of the sender: messages that had to arrive at each of its receivers.
std::vector<std::uint64_t> sent_messages(const LoadPlan& plan, const Threads& threads) {
  const ClientGroup* const publishers = plan.publishers();
  std::vector<std::uint64_t> sent(publishers == nullptr ? 0 : publishers->size);
  for (const auto& thread : threads) {
    for (const auto& client : thread->clients()) {
      if (const Sender* sender = client->sender()) sent[sender->number()] = sender->measured();
    }
  }
  return sent;
}

void settle_ledger(const Ledger& ledger, const std::vector<std::uint64_t>& sent, Counts& counts) {
  for (std::size_t i = 0; i < ledger.accounts().size(); ++i) {
    const std::size_t sender = ledger.first_sender() + i;
    if (sender >= sent.size()) continue;
    const std::uint64_t arrived = ledger.accounts()[i].measured;
    counts.expected += sent[sender];
    // A message that was not acknowledged may have arrived all the same.
    counts.lost += sent[sender] - std::min(arrived, sent[sender]);
  }
}

void settle_receivers(const LoadPlan& plan, const Threads& threads, Counts& counts) {
  const std::vector<std::uint64_t> sent = sent_messages(plan, threads);
  std::set<const Ledger*> settled;
  bool is_open = false;  // nobody knows what was sent, apart from what is missing in between
  for (const auto& thread : threads) {
    for (const auto& client : thread->clients()) {
      Receiver* const receiver = client->receiver();
      if (receiver == nullptr || client->group().responds || client->group().stalls) continue;
      const Ledger* const ledger = receiver->ledger().get();
      if (ledger == nullptr) {
        counts.lost += receiver->open_ledger().lost();
        is_open = true;
      } else if (settled.insert(ledger).second) {
        settle_ledger(*ledger, sent, counts);
      }
    }
  }
  if (is_open) counts.expected = counts.delivered + counts.lost;
  // What arrived corrupted has no sender to be entered for.
  counts.lost -= std::min(counts.lost, counts.corrupted);
}

void add_latency(std::vector<Latency>& latencies, std::string name, Histogram histogram,
                 bool from_due_time) {
  if (histogram.count() == 0) return;
  latencies.push_back({std::move(name), std::move(histogram), from_due_time});
}

void add_latencies(const LoadPlan& plan, Tally tally, std::vector<Latency>& latencies) {
  const bool open = plan.is_open_loop();
  add_latency(latencies, plan.arrival_name, std::move(tally.arrival), open);
  add_latency(latencies, "puback", std::move(tally.completion), open);
  add_latency(latencies, "connect", std::move(tally.connect), false);
  add_latency(latencies, "tls", std::move(tally.tls), false);
  add_latency(latencies, "subscribe", std::move(tally.subscribe), false);
  const std::string main = plan.main_latency == MainLatency::connect      ? "connect"
                           : plan.main_latency == MainLatency::completion ? "puback"
                                                                          : plan.arrival_name;
  std::stable_partition(latencies.begin(), latencies.end(),
                        [&](const Latency& latency) { return latency.name == main; });
}

/// What the stalled readers did to the others.
void add_stall_figures(const LoadPlan& plan, const Tally& tally, std::vector<Figure>& figures) {
  if (std::none_of(plan.groups.begin(), plan.groups.end(),
                   [](const ClientGroup& group) { return group.stalls; })) {
    return;
  }
  const auto milliseconds = [](std::uint64_t time) { return static_cast<double>(time) / 1e6; };
  figures.push_back({"p50-before-stall", milliseconds(tally.arrival_before.quantile(0.5)), "ms"});
  figures.push_back({"p99-before-stall", milliseconds(tally.arrival_before.quantile(0.99)), "ms"});
  figures.push_back({"delivered-to-stalled", static_cast<double>(tally.stalled_delivered), ""});
}

std::string messages(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "message" : "messages");
}

void judge(const LoadPlan& plan, const Counts& counts, std::vector<std::string>& failures) {
  const auto qos = static_cast<int>(plan.qos);
  if (qos > 0 && counts.lost > 0) {
    failures.push_back(fmt::format("QoS {}: {} lost", qos, messages(counts.lost)));
  }
  if (qos == 2 && counts.duplicated > 0) {
    failures.push_back(fmt::format("QoS 2: {} duplicated", messages(counts.duplicated)));
  }
  if (counts.corrupted > 0) {
    failures.push_back(fmt::format("{} corrupted", messages(counts.corrupted)));
  }
  if (counts.subscribe_failures > 0) {
    failures.push_back(fmt::format("{} subscriptions refused", counts.subscribe_failures));
  }
}

}  // namespace

void settle(const LoadPlan& plan, const Threads& threads, Result& result) {
  Tally tally;
  for (const auto& thread : threads) tally.add(thread->tally());
  result.counts = tally.counts;
  settle_receivers(plan, threads, result.counts);
  if (tally.written_off > 0) {
    result.notes.push_back(fmt::format("{} without a sign for a second were no longer waited for",
                                       messages(tally.written_off)));
  }
  if (tally.unsent > 0) {
    result.notes.push_back(
        fmt::format("{} could not be sent although due", messages(tally.unsent)));
  }
  add_stall_figures(plan, tally, result.figures);
  add_latencies(plan, std::move(tally), result.latencies);
  judge(plan, result.counts, result.failures);
}

}  // namespace bench
