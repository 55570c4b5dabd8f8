#include "access/files/denial_log.h"

#include <optional>

#include "log/shown_name.h"
#include "runtime/worker.h"

namespace broker {
namespace {

std::string reason_of(const AclRules& rules, const AclRules::Decision& decision) {
  using Reason = AclRules::Decision::Reason;
  switch (decision.reason) {
    case Reason::rule:
      return fmt::format("{}:{}", rules.path(), decision.line);
    case Reason::reserved:
      return "the topic is the broker's";
    case Reason::unsafe_name:
      return fmt::format("{} holds patterns, and a name with + or # could be one", rules.path());
    case Reason::no_rule:
      break;
  }
  return fmt::format("no rule of {} allows it", rules.path());
}

}  // namespace

void DenialLog::note(const AccessRequest& request, const AclRules& rules,
                     const AclRules::Decision& decision) {
  if (!log_.wants(LogType::notice)) return;
  std::optional<Log::NotToTopics> no_echo;
  if (request.topic.starts_with(Log::topic_root)) no_echo.emplace();
  if (!rate_.may_write(log_, LogType::notice, request.worker.now(), "denials")) return;
  const std::string user = request.client.user_name.empty()
                               ? std::string()
                               : fmt::format(" (user {})", ShownName{request.client.user_name});
  const std::string reason = reason_of(rules, decision);
  log_.write(
      LogType::notice,
      LogFields{.client = request.client.id, .user = request.client.user_name, .reason = reason},
      "Denied: client {}{} may not {} {}: {}.", ShownName{request.client.id}, user,
      request.access == Access::publish ? "publish to" : "receive from", ShownName{request.topic},
      reason);
}

}  // namespace broker
