// How a replay goes
//
// All topics below "a/b/" stand side by side in the order of bytes, so the topics that match a
// filter lie in runs. `collect` goes from topic to topic; at one that does not match it knows where
// the next one that could match stands at the earliest, and goes there. With the filter `a/+/c` and
// the topics
//
//     a/x/b    level 3 comes before c: the next that could match is a/x/c
//     a/x/c    matches
//     a/x/d    level 3 comes after c: nothing more below a/x/, go to the end of what begins with it
//     a/y/a    (so for each text of level 2)
//     b/c      level 1 comes after a: nothing more at all
//
// Going means a few steps to the next topic, mostly enough, and then a descent from the root.

#include "routing/retained_tree.h"

#include <algorithm>
#include <cstdint>
#include <mutex>

namespace broker {

namespace {

/// What a topic is to a filter.
enum class Verdict : std::uint8_t {
  match,
  go_to,  ///< no match, and none before the target that was written
  end,    ///< no match, and none after it
};

/// Where everything that begins with `prefix` ends; it ends with '/', whose successor is '0'.
Verdict go_past(std::string_view prefix, std::string& target) {
  if (prefix.empty()) return Verdict::end;
  target.assign(prefix);
  target.back() = '/' + 1;
  return Verdict::go_to;
}

/// The levels of `filter` up to its first wildcard, with the '/' before a `+`, without the one
/// before a `#`: every topic that matches begins with it, and at the earliest it is it.
std::string_view literal_run(std::string_view filter) {
  std::size_t end = 0;
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = mqtt::next_level(rest);
    if (level == "+") return filter.substr(0, end);
    if (level == "#") return filter.substr(0, end == 0 ? 0 : end - 1);
    end += level.size() + (rest.data() != nullptr ? 1 : 0);
  }
  return filter;
}

/// `topic` does not match. It agrees with the filter in what `target` holds (whole levels, each
/// with its '/'), and `rest` of the filter is still to come.
Verdict go_on(std::string_view rest, std::string_view topic, std::string& target) {
  const std::size_t agreed = target.size();
  const std::string_view run = literal_run(rest);
  target += run;
  if (target > topic) return Verdict::go_to;
  // `a/#` matches `a` but also `a/...`, which stands further on, behind `a!`.
  if (run.size() < rest.size() && rest[run.size()] == '/') {
    target += '/';
    if (target > topic) return Verdict::go_to;
  }
  return go_past(topic.substr(0, agreed), target);
}

/// Whether a wildcard at the first level that the client sees would have to stand for a text that
/// begins with '$'. [MQTT-4.7.2-1] A mount point is no wildcard, and seen by nobody below it.
bool hidden_by_dollar(std::string_view filter, std::string_view topic,
                      std::size_t mount_point_size) {
  const bool wildcard_first = filter[mount_point_size] == '+' || filter[mount_point_size] == '#';
  return wildcard_first && topic.size() > mount_point_size && topic[mount_point_size] == '$' &&
         topic.starts_with(filter.substr(0, mount_point_size));
}

Verdict judge(std::string_view filter, std::string_view topic, std::size_t mount_point_size,
              std::string& target) {
  if (hidden_by_dollar(filter, topic, mount_point_size)) {
    target.assign(topic.substr(0, mount_point_size)).push_back('$' + 1);
    return Verdict::go_to;
  }
  const auto up_to = [topic](std::string_view rest) {
    return topic.substr(0, static_cast<std::size_t>(rest.data() - topic.data()));
  };
  for (std::string_view rest = topic;;) {
    const std::string_view filter_here = filter;
    const std::string_view here = rest;
    const std::string_view wanted = mqtt::next_level(filter);
    if (wanted == "#") return Verdict::match;
    const std::string_view level = mqtt::next_level(rest);
    if (wanted != "+" && wanted != level) {
      target.assign(up_to(here));
      return go_on(filter_here, topic, target);
    }
    const bool filter_ends = filter.data() == nullptr;
    const bool topic_ends = rest.data() == nullptr;
    if (topic_ends && (filter_ends || filter == "#")) return Verdict::match;
    if (topic_ends) {
      // Behind `a` come `a!` and `a!/b`, which a `+` may stand for, and then `a/b`.
      target.assign(topic).push_back(wanted == "+" ? '\0' : '/');
      return wanted == "+" ? Verdict::go_to : go_on(filter, topic, target);
    }
    if (filter_ends) return go_past(up_to(rest), target);
  }
}

bool has_wildcard(std::string_view filter) {
  return filter.find_first_of("+#") != filter.npos;
}

}  // namespace

// ---- store --------------------------------------------------------------------------------------

void RetainedTree::store(const MessagePtr& message) {
  const std::string_view topic = message->topic().text();
  const std::uint64_t hash = hash_(topic);
  MessagePtr gone;  // freed after the lock
  const std::unique_lock lock(mutex_);
  const Position* found = find(hash, topic);
  if (message->payload().empty()) {
    if (found != nullptr) gone = remove(hash, *found);
  } else if (found != nullptr) {
    gone = leave(*found);
    enter(*found, message);
  } else {
    const Position position = topics_.insert(Retained{message}).first;
    index_.insert(hash, position);
    enter(position, message);
  }
}

std::size_t RetainedTree::purge_expired(Millis now, std::size_t limit) {
  constexpr std::size_t slice = 64;  // publishers wait no longer than for this many
  std::size_t purged = 0;
  for (bool more = true; more && purged < limit;) {
    const std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < slice && purged < limit; ++i) {
      more = !expiring_.empty() && expiring_.begin()->first <= now;
      if (!more) break;
      const std::string_view topic = expiring_.begin()->second->topic().text();
      const std::uint64_t hash = hash_(topic);
      remove(hash, *find(hash, topic));
      ++purged;
    }
  }
  return purged;
}

std::uint64_t RetainedTree::newest() const {
  const std::shared_lock lock(mutex_);
  return newest_;
}

bool RetainedTree::contains(std::string_view topic) const {
  const std::shared_lock lock(mutex_);
  return find(hash_(topic), topic) != nullptr;
}

std::size_t RetainedTree::count() const {
  const std::shared_lock lock(mutex_);
  return topics_.size();
}

std::size_t RetainedTree::payload_bytes() const {
  const std::shared_lock lock(mutex_);
  return payload_bytes_;
}

const RetainedTree::Position* RetainedTree::find(std::uint64_t hash, std::string_view topic) const {
  return index_.find(hash, [topic](Position position) { return position->topic() == topic; });
}

void RetainedTree::enter(Position position, const MessagePtr& message) {
  position->message = message;
  position->number = ++newest_;
  payload_bytes_ += message->payload().size();
  if (message->expires_at() != never) expiring_.emplace(message->expires_at(), message.get());
}

/// The position is without a message until the next `enter`.
MessagePtr RetainedTree::leave(Position position) {
  const MessagePtr& message = position->message;
  payload_bytes_ -= message->payload().size();
  if (message->expires_at() != never) expiring_.erase({message->expires_at(), message.get()});
  return std::move(position->message);
}

MessagePtr RetainedTree::remove(std::uint64_t hash, Position position) {
  MessagePtr gone = leave(position);
  index_.erase(hash, [position](Position other) { return other == position; });
  topics_.erase(position);
  return gone;
}

// ---- replay -------------------------------------------------------------------------------------

bool RetainedTree::belongs(const Retained& retained, const Cursor& cursor, Millis now) {
  return retained.number <= cursor.newest && !retained.message->expired(now);
}

std::size_t RetainedTree::collect(std::string_view filter, Cursor& cursor, std::size_t limit,
                                  Millis now, std::vector<MessagePtr>& out,
                                  std::size_t looks) const {
  if (cursor.done) return 0;
  const std::shared_lock lock(mutex_);
  if (has_wildcard(filter))
    return collect_run(filter, cursor, limit, now, out, std::min(looks, longest_look));
  const Position* found = find(hash_(filter), filter);
  if (found != nullptr && belongs(**found, cursor, now)) out.push_back((*found)->message);
  cursor.done = true;
  return 1;
}

std::size_t RetainedTree::collect_run(std::string_view filter, Cursor& cursor, std::size_t limit,
                                      Millis now, std::vector<MessagePtr>& out,
                                      std::size_t looks) const {
  Position position = cursor.begun ? topics_.upper_bound(std::string_view(cursor.last_topic))
                                   : topics_.lower_bound(literal_run(filter));
  std::string_view last;
  std::string target;
  std::size_t looked = 0;
  for (; position != topics_.end(); ++looked) {
    if (limit == 0 || looked == looks) {
      if (last.data() != nullptr) cursor.last_topic = last;
      cursor.begun = cursor.begun || last.data() != nullptr;
      return looked;
    }
    last = position->topic();
    const Verdict verdict = judge(filter, last, cursor.mount_point_size, target);
    if (verdict == Verdict::end) break;
    if (verdict == Verdict::go_to) {
      position = go_to(position, target);
      continue;
    }
    if (belongs(*position, cursor, now)) {
      out.push_back(position->message);
      --limit;
    }
    ++position;
  }
  cursor.done = true;
  return looked;
}

/// The first topic from `target` on, which comes after `position`; often it is near.
RetainedTree::Position RetainedTree::go_to(Position position, std::string_view target) const {
  for (int steps = 0; steps < 8; ++steps) {
    ++position;
    if (position == topics_.end() || position->topic() >= target) return position;
  }
  return topics_.lower_bound(target);
}

}  // namespace broker
