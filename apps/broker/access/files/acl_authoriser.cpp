#include "access/files/acl_authoriser.h"

#include <functional>
#include <string_view>

namespace broker {
namespace {

/// Topics are longest and differ most, so they go last: a single multiplication spreads the others.
std::uint64_t hash_of(const AccessRequest& request) {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15U;
  const std::hash<std::string_view> hash;
  std::uint64_t value = hash(request.client.id) * factor;
  value = (value ^ hash(request.client.user_name)) * factor;
  value = (value ^ hash(request.topic)) * factor;
  value ^=
      std::uint64_t{request.client.listener} << 8U | static_cast<std::uint64_t>(request.access);
  return value ^ value >> 32U;
}

}  // namespace

void AclAuthoriser::use(std::shared_ptr<const AccessFiles> files) {
  files_ = std::move(files);
  remembered_.clear();
}

Verdict AclAuthoriser::authorise(const AccessRequest& request, const AnswerMaker&) {
  const AclRules* rules = files_->rules(request.client.listener);
  const bool is_decided = request.access == Access::publish || request.access == Access::receive;
  if (rules == nullptr || !is_decided) return Verdict::allow;
  if (remembered_.empty()) remembered_.resize(slots);
  const std::uint64_t hash = hash_of(request);
  Remembered& slot = remembered_[hash & (slots - 1)];
  if (slot.hash == hash && is_of(slot, request)) {
    return slot.allowed ? Verdict::allow : Verdict::deny;
  }
  const AclRules::Decision decision =
      rules->decide({request.client.id, request.client.user_name}, request.topic, request.access);
  if (!decision.allowed) denials_.note(request, *rules, decision);
  remember(slot, hash, request, decision.allowed);
  return decision.allowed ? Verdict::allow : Verdict::deny;
}

/// Compared in full: equal hashes must not lend one client the rights of another.
bool AclAuthoriser::is_of(const Remembered& remembered, const AccessRequest& request) {
  const std::string_view text = remembered.text;
  return remembered.access == request.access && remembered.listener == request.client.listener &&
         remembered.client_size == request.client.id.size() &&
         remembered.user_size == request.client.user_name.size() &&
         text.size() ==
             request.client.id.size() + request.client.user_name.size() + request.topic.size() &&
         text.ends_with(request.topic) && text.starts_with(request.client.id) &&
         text.substr(remembered.client_size, remembered.user_size) == request.client.user_name;
}

/// Nothing long: clients choose topics, and must not choose how much memory they take here.
void AclAuthoriser::remember(Remembered& slot, std::uint64_t hash, const AccessRequest& request,
                             bool allowed) {
  const std::size_t size =
      request.client.id.size() + request.client.user_name.size() + request.topic.size();
  if (size > longest_remembered) return;  // and what stands there stays
  slot.hash = hash;
  slot.text.assign(request.client.id).append(request.client.user_name).append(request.topic);
  slot.client_size = static_cast<std::uint32_t>(request.client.id.size());
  slot.user_size = static_cast<std::uint32_t>(request.client.user_name.size());
  slot.listener = request.client.listener;
  slot.access = request.access;
  slot.allowed = allowed;
}

}  // namespace broker
