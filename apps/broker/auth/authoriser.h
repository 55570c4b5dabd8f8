#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace broker {

class Worker;

enum class Access : unsigned char { publish, receive, subscribe, unsubscribe };

/// May this client do that? Views: valid until the call returns.
struct AccessRequest {
  Worker& worker;  ///< who asks: an answer that comes later is given by a letter to it
  std::string_view client_id;
  std::string_view user_name;  ///< empty: none
  std::string_view topic;      ///< topic name; for subscribe and unsubscribe the filter as written
  Access access = Access::publish;
};

enum class Verdict : unsigned char { allow, deny, later };

/// Decides what a client may publish, receive and subscribe to. Called on the client's worker.
class Authoriser {
 public:
  /// For `later`: called once, on the thread of the worker that asked, never within `authorise`. May
  /// come after the session's end.
  using Answer = std::function<void(bool allowed)>;

  virtual ~Authoriser() = default;
  /// The verdict if it is known at once; `later` means that `answer` will be called, and only then is
  /// it taken.
  virtual Verdict authorise(const AccessRequest& request, const Answer& answer) = 0;
};

/// The authoriser in force. Without one, everything is allowed and nothing is asked: the hot path is
/// one test of a pointer. Set before the workers start.
class AccessControl {
 public:
  void set(std::unique_ptr<Authoriser> authoriser) { authoriser_ = std::move(authoriser); }
  /// Whether there is anyone to ask.
  bool active() const { return authoriser_ != nullptr; }
  Verdict authorise(const AccessRequest& request, const Authoriser::Answer& answer) const {
    return authoriser_ ? authoriser_->authorise(request, answer) : Verdict::allow;
  }

 private:
  std::unique_ptr<Authoriser> authoriser_;
};

}  // namespace broker
