#include "access/files/password_authenticator.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <string>

#include "runtime/worker.h"
#include "support/manual_clock.h"
#include "support/scratch_folder.h"

using broker::AccessFiles;
using broker::Authenticator;
using broker::Config;
using broker::Credentials;
using broker::HashPool;
using broker::LoginFailure;
using broker::LoginVerdict;
using broker::PasswordAuthenticator;
using broker::Worker;
using mqtt::ReasonCode;
using test::ManualClock;
using test::ScratchFolder;

namespace {

std::string line(const std::string& user, const std::string& password) {
  const auto hash = mqtt::PasswordHash::create(mqtt::as_bytes(password),
                                               {mqtt::HashScheme::pbkdf2_sha512, 10, 64, 1, 1});
  return user + ":" + hash->text() + "\n";
}

std::shared_ptr<const AccessFiles> files_with(const ScratchFolder& folder, const std::string& text,
                                              const AccessFiles* before = nullptr) {
  Config config;
  config.listeners.resize(2);
  config.password_file = folder.file("passwords", text);
  std::vector<broker::ConfigNote> notes;
  auto files = AccessFiles::load(config, notes, before);
  REQUIRE(files);
  return std::move(*files);
}

/// An authenticator with a worker to ask it and a pool; whether a hash was needed shows in whether
/// the answer came within the call.
struct Setting {
  ManualClock clock;
  Worker worker{0, clock};
  HashPool pool{1, 1 << 20};
  PasswordAuthenticator authenticator{std::make_shared<const AccessFiles>(), pool};
  std::string address = "192.0.2.1";
  std::uint16_t listener = 0;

  Setting() { worker.start(); }
  ~Setting() { pool.stop(); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

  void use(const std::shared_ptr<const AccessFiles>& files) {
    on_worker([&] { authenticator.use(files); });
  }

  template <class Task>
  void on_worker(const Task& task) {
    std::promise<void> done;
    worker.post(broker::make_letter([&] {
      task();
      done.set_value();
    }));
    done.get_future().wait();
  }

  struct Result {
    LoginVerdict verdict;
    bool at_once = false;
  };
  Result log_in(std::optional<std::string> user, std::optional<std::string> password) {
    std::promise<LoginVerdict> answered;
    std::unique_ptr<Authenticator::Request> request;
    on_worker([&] {
      Credentials credentials{worker, "id", {}, {}, address};
      if (user) credentials.user_name = *user;
      if (password) credentials.password = *password;
      credentials.listener = listener;
      request = authenticator.authenticate(
          credentials, [&](const LoginVerdict& verdict) { answered.set_value(verdict); });
    });
    Result result{answered.get_future().get(), request == nullptr};
    on_worker([&] { request.reset(); });
    return result;
  }
};

bool let_in_at_once(const Setting::Result& result) {
  return result.at_once && result.verdict.reason == ReasonCode::success;
}
bool let_in_by_hash(const Setting::Result& result) {
  return !result.at_once && result.verdict.reason == ReasonCode::success;
}

}  // namespace

TEST_CASE("a password is hashed for the first login and known from then on") {
  const ScratchFolder folder;
  Setting setting;
  setting.use(files_with(folder, line("bob", "secret") + line("alice", "wonder")));
  CHECK(let_in_by_hash(setting.log_in("bob", "secret")));
  CHECK(let_in_at_once(setting.log_in("bob", "secret")));
  SECTION("on every listener that has the file, and from everywhere") {
    setting.listener = 1;
    setting.address = "2001:db8::1";
    CHECK(let_in_at_once(setting.log_in("bob", "secret")));
  }
  SECTION("a wrong one is hashed each time, and takes nothing away") {
    for (int i = 0; i < 2; ++i) {
      const auto wrong = setting.log_in("bob", "Secret");
      CHECK_FALSE(wrong.at_once);
      CHECK(wrong.verdict.reason == ReasonCode::not_authorized);
    }
    CHECK(let_in_at_once(setting.log_in("bob", "secret")));
  }
  SECTION("it is that user's alone, also for names that nobody has") {
    CHECK(setting.log_in("alice", "secret").verdict.failure == LoginFailure::wrong_password);
    for (int i = 0; i < 20; ++i) {  // some of them are measured against bob's hash
      const auto nobody = setting.log_in("nobody" + std::to_string(i), "secret");
      CHECK_FALSE(nobody.at_once);
      CHECK(nobody.verdict.failure == LoginFailure::unknown_user);
    }
  }
}

TEST_CASE("a proof is forgotten when the line of the file changes, and kept when it does not") {
  const ScratchFolder folder;
  const std::string bob = line("bob", "secret");
  Setting setting;
  auto before = files_with(folder, bob);
  setting.use(before);
  CHECK(let_in_by_hash(setting.log_in("bob", "secret")));
  SECTION("the same line among others") {
    setting.use(files_with(folder, line("alice", "wonder") + bob, before.get()));
    CHECK(let_in_at_once(setting.log_in("bob", "secret")));
  }
  SECTION("another password") {
    setting.use(files_with(folder, line("bob", "other"), before.get()));
    CHECK(setting.log_in("bob", "secret").verdict.failure == LoginFailure::wrong_password);
    CHECK(let_in_by_hash(setting.log_in("bob", "other")));
  }
  SECTION("the same password, hashed anew") {
    setting.use(files_with(folder, line("bob", "secret"), before.get()));
    CHECK(let_in_by_hash(setting.log_in("bob", "secret")));
  }
  SECTION("a user who goes and comes back") {
    auto without = files_with(folder, line("alice", "wonder"), before.get());
    setting.use(without);
    CHECK(setting.log_in("bob", "secret").verdict.failure == LoginFailure::unknown_user);
    setting.use(files_with(folder, bob, without.get()));
    CHECK(let_in_by_hash(setting.log_in("bob", "secret")));
  }
}

TEST_CASE("a refusal says why") {
  const ScratchFolder folder;
  Setting setting;
  setting.use(files_with(folder, line("bob", "secret")));
  CHECK(setting.log_in({}, {}).verdict.failure == LoginFailure::anonymous);
  CHECK(setting.log_in("bob", {}).verdict.failure == LoginFailure::no_password);
  CHECK(setting.log_in("nobody", {}).verdict.failure == LoginFailure::unknown_user);
  CHECK(setting.log_in("bob", "x").verdict.failure == LoginFailure::wrong_password);
  CHECK(setting.log_in("nobody", "x").verdict.failure == LoginFailure::unknown_user);
  setting.pool.stop();
  const auto busy = setting.log_in("bob", "secret");
  CHECK(busy.verdict.failure == LoginFailure::busy);
  CHECK(busy.verdict.reason == ReasonCode::server_busy);
}
