#include "auth/password_authenticator.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "runtime/worker.h"

namespace broker {
namespace {

using mqtt::ReasonCode;

std::uint64_t random_number() {
  std::uint64_t number = 0;
  std::array<unsigned char, sizeof number> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

/// A number out of `secret` and `text` that says nothing about either.
std::uint64_t keyed_digest(std::uint64_t secret, std::string_view text) {
  std::string input(reinterpret_cast<const char*>(&secret), sizeof secret);
  input += text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

/// Whose turn it is in the pool: the address, or its network where it is of IPv6, as one machine
/// has 2^64 addresses there.
std::string origin_of(std::string_view peer_address) {
  const std::string text(peer_address);
  in6_addr address{};
  constexpr std::size_t network_size = 8;
  const bool is_v6 = ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
  return is_v6 ? std::string(reinterpret_cast<const char*>(&address), network_size) : text;
}

}  // namespace

/// A password that is being checked. Made and answered on the worker's thread; the pool's threads
/// read `hash` and `password` and write `fits` in between, while nobody else touches them.
struct PasswordAuthenticator::Question {
  Question(mqtt::PasswordHash hash_to_fit, std::string_view password_sent)
      : hash(std::move(hash_to_fit)), password(password_sent) {}
  ~Question() { OPENSSL_cleanse(password.data(), password.size()); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  const mqtt::PasswordHash hash;
  std::string password;
  bool fits = false;
  bool computed = false;               ///< there was memory for it
  std::atomic<bool> withdrawn{false};  ///< nobody waits any more: it need not be computed

  // The worker's.
  Answer answer;  ///< empty: withdrawn
  std::string user_name;
  std::size_t listener = 0;
  bool is_decoy = false;
  std::shared_ptr<std::shared_ptr<const AccessFiles>> files_in_force;
  std::shared_ptr<const AccessFiles> files_asked;

  void compute() {
    if (withdrawn.load(std::memory_order_relaxed)) return;
    const auto verdict = hash.fits(mqtt::as_bytes(password));
    computed = verdict.has_value();
    fits = verdict.value_or(false);
  }

  /// On the worker.
  void give_answer(bool done) {
    const Answer give = std::exchange(answer, nullptr);
    if (give) give(verdict(done));
  }

  Outcome verdict(bool done) const {
    if (!done || !computed)
      return {ReasonCode::server_busy, "too many passwords wait to be checked"};
    if (is_decoy) return {ReasonCode::not_authorized, "no such user"};
    if (!fits) return {ReasonCode::not_authorized, "wrong password"};
    const bool unchanged =
        *files_in_force == files_asked ||
        is_still_known(*files_asked, **files_in_force, listener, user_name, false);
    if (unchanged) return ReasonCode::success;
    return {ReasonCode::not_authorized, "the password file changed meanwhile"};
  }
};

class PasswordAuthenticator::PendingRequest final : public Authenticator::Request {
 public:
  explicit PendingRequest(std::shared_ptr<Question> question) : question_(std::move(question)) {}
  ~PendingRequest() override {
    question_->withdrawn.store(true, std::memory_order_relaxed);
    question_->answer = nullptr;
  }
  PendingRequest(const PendingRequest&) = delete;
  PendingRequest& operator=(const PendingRequest&) = delete;

 private:
  std::shared_ptr<Question> question_;
};

PasswordAuthenticator::PasswordAuthenticator(std::shared_ptr<const AccessFiles> files,
                                             HashPool& pool)
    : files_(std::make_shared<std::shared_ptr<const AccessFiles>>(std::move(files))),
      pool_(pool),
      secret_(random_number()) {}

std::unique_ptr<Authenticator::Request> PasswordAuthenticator::authenticate(
    const Credentials& credentials, Answer answer) {
  if (credentials.vouched_for) {
    answer(ReasonCode::success);
    return nullptr;
  }
  const mqtt::PasswordFile* file = (*files_)->passwords(credentials.listener);
  if (file == nullptr || !credentials.user_name) {
    if (credentials.anonymous_allowed) {
      answer(ReasonCode::success);
    } else {
      answer({ReasonCode::not_authorized, file == nullptr && credentials.user_name
                                              ? "there is no password file"
                                              : "anonymous clients are not allowed"});
    }
    return nullptr;
  }
  const auto* entry = file->find(*credentials.user_name);
  if (file->entries().empty() || !credentials.password) {
    answer(
        {ReasonCode::not_authorized, entry == nullptr ? "no such user" : "no password was sent"});
    return nullptr;
  }
  auto question = std::make_shared<Question>(
      entry != nullptr ? entry->hash : decoy(*file, *credentials.user_name), *credentials.password);
  question->answer = std::move(answer);
  question->user_name = *credentials.user_name;
  question->listener = credentials.listener;
  question->is_decoy = entry == nullptr;
  question->files_in_force = files_;
  question->files_asked = *files_;
  HashPool::Job job;
  job.compute = [question] { question->compute(); };
  job.finished = [question, &worker = credentials.worker](bool done) {
    worker.post(make_letter([question, done] { question->give_answer(done); }));
  };
  pool_.add(origin_of(credentials.peer_address), std::move(job));
  return std::make_unique<PendingRequest>(std::move(question));
}

/// The hash of some user, always the same one for the same name: names that exist and names that do
/// not take the same times, where hashes of several costs stand in one file, too.
const mqtt::PasswordHash& PasswordAuthenticator::decoy(const mqtt::PasswordFile& file,
                                                       std::string_view user) const {
  return file.entries()[keyed_digest(secret_, user) % file.entries().size()].hash;
}

}  // namespace broker
