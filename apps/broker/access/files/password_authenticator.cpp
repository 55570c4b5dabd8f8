#include "access/files/password_authenticator.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>

#include <atomic>
#include <optional>
#include <utility>

#include "access/files/password_proofs.h"
#include "access/keyed_digest.h"
#include "runtime/worker.h"

namespace broker {
namespace {

using mqtt::ReasonCode;
using Outcome = HashJob::Outcome;

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
  Question(const mqtt::PasswordFile::Entry& entry, std::string_view password_sent)
      : hash(entry.hash), password(password_sent) {}
  ~Question() { forget_password(); }
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
  bool is_decoy = false;  ///< set before the pool sees it, and read there too
  PasswordProofs::Proof proof;
  std::shared_ptr<std::shared_ptr<const AccessFiles>> files_in_force;
  std::shared_ptr<const AccessFiles> files_asked;

  std::size_t bytes() const {
    constexpr std::size_t hash_and_job = 512;
    return sizeof *this + hash_and_job + password.capacity() + user_name.capacity();
  }

  /// As soon as it is of no more use: the answer may lie in a mailbox for a while.
  void forget_password() {
    OPENSSL_cleanse(password.data(), password.size());
    password = std::string();
  }

  Outcome compute() {
    if (withdrawn.load(std::memory_order_relaxed)) return Outcome::undecided;
    const auto verdict = hash.fits(mqtt::as_bytes(password));
    computed = verdict.has_value();
    fits = verdict.value_or(false);
    if (!computed) return Outcome::undecided;
    return fits && !is_decoy ? Outcome::proved : Outcome::refused;
  }

  /// On the worker.
  void give_answer(bool done) {
    const Answer give = std::exchange(answer, nullptr);
    if (give) give(verdict(done));
  }

  LoginVerdict verdict(bool done) const {
    if (!done) return {ReasonCode::server_busy, LoginFailure::busy};
    if (!computed) return {ReasonCode::server_busy, LoginFailure::no_memory};
    if (is_decoy) return {ReasonCode::not_authorized, LoginFailure::unknown_user};
    if (!fits) return {ReasonCode::not_authorized, LoginFailure::wrong_password};
    const AccessFiles& files = **files_in_force;
    const bool unchanged = *files_in_force == files_asked ||
                           is_still_known(*files_asked, files, listener, user_name, false);
    if (!unchanged) return {ReasonCode::not_authorized, LoginFailure::changed_meanwhile};
    files.proofs(listener)->remember(*files.passwords(listener)->find(user_name), proof);
    return ReasonCode::success;
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
    : files_(std::make_shared<std::shared_ptr<const AccessFiles>>(std::move(files))), pool_(pool) {}

std::unique_ptr<Authenticator::Request> PasswordAuthenticator::authenticate(
    const Credentials& credentials, Answer answer) {
  if (credentials.vouched_for) {
    answer(ReasonCode::success);
    return nullptr;
  }
  const mqtt::PasswordFile* file = (*files_)->passwords(credentials.listener);
  if (file == nullptr || !credentials.user_name) {
    const LoginFailure failure =
        credentials.user_name ? LoginFailure::no_password_file : LoginFailure::anonymous;
    answer(credentials.anonymous_allowed ? LoginVerdict(ReasonCode::success)
                                         : LoginVerdict(ReasonCode::not_authorized, failure));
    return nullptr;
  }
  const auto* known = file->find(*credentials.user_name);
  if (file->entries().empty() || !credentials.password) {
    answer({ReasonCode::not_authorized,
            known == nullptr ? LoginFailure::unknown_user : LoginFailure::no_password});
    return nullptr;
  }
  // Unknown users go the whole way too, up to the question whether they are known.
  const auto& entry = known != nullptr ? *known : decoy(*file, *credentials.user_name);
  const auto proof = PasswordProofs::proof_of(entry, *credentials.password);
  const bool is_proved = (*files_)->proofs(credentials.listener)->holds(entry, proof);
  if (is_proved && known != nullptr) {
    pool_.note_proved(origin_of(credentials.peer_address));
    answer(ReasonCode::success);
    return nullptr;
  }
  auto question = std::make_shared<Question>(entry, *credentials.password);
  question->answer = std::move(answer);
  question->user_name = *credentials.user_name;
  question->listener = credentials.listener;
  question->is_decoy = known == nullptr;
  question->proof = proof;
  question->files_in_force = files_;
  question->files_asked = *files_;
  return ask_pool(credentials, std::move(question));
}

std::unique_ptr<Authenticator::Request> PasswordAuthenticator::ask_pool(
    const Credentials& credentials, std::shared_ptr<Question> question) {
  HashJob job;
  job.bytes = question->bytes();
  job.compute = [question] { return question->compute(); };
  job.finished = [question, &worker = credentials.worker](bool done) {
    question->forget_password();
    worker.post(make_letter([question, done] { question->give_answer(done); }));
  };
  pool_.add(origin_of(credentials.peer_address), std::move(job));
  return std::make_unique<PendingRequest>(std::move(question));
}

/// Some user, always the same one for the same name, and nobody can tell which: names that exist
/// and names that do not take the same times, where hashes of several costs stand in one file, too.
const mqtt::PasswordFile::Entry& PasswordAuthenticator::decoy(const mqtt::PasswordFile& file,
                                                              std::string_view user) {
  const auto digest = keyed_digest({"decoy", user});
  return file.entries()[(digest ? number_of(*digest) : 0) % file.entries().size()];
}

}  // namespace broker
