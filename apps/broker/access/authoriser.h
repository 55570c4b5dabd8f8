#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "message/client_info.h"

namespace broker {

class Worker;

enum class Access : unsigned char { publish, receive, subscribe, unsubscribe };

/// May this client do that? Views: valid until the call returns.
struct AccessRequest {
  Worker& worker;  ///< who asks: an answer that comes later is given by a letter to it
  ClientInfo client;
  std::string_view topic;  ///< topic name; for subscribe and unsubscribe the filter as written
  Access access = Access::publish;
};

enum class Verdict : unsigned char { allow, deny, later };

/// Decides what a client may publish, receive and subscribe to. Called on the client's worker.
class Authoriser {
 public:
  /// For `later`: called once, on the thread of the worker that asked, never within `authorise`.
  /// May come after the session's end.
  using Answer = std::function<void(bool allowed)>;

  /// Refers to a callable of the asker's that makes the Answer: an answer keeps what it is about,
  /// which nobody should pay for who gets the verdict at once. Valid until the call returns.
  class AnswerMaker {
   public:
    template <class Make>
    AnswerMaker(const Make& make)  // NOLINT(google-explicit-constructor): a lambda stands for it
        : make_(&make),
          call_([](const void* of) -> Answer { return (*static_cast<const Make*>(of))(); }) {}
    Answer operator()() const { return call_(make_); }

   private:
    const void* make_;
    Answer (*call_)(const void*);
  };

  virtual ~Authoriser() = default;
  /// The verdict if it is known at once; `later` means that an answer was made and will be called.
  virtual Verdict authorise(const AccessRequest& request, const AnswerMaker& make_answer) = 0;
};

/// The authoriser in force on one worker. Without one, everything is allowed and nothing is asked:
/// the hot path is one test of a pointer. Belongs to the worker; a reload may change it.
class AccessControl {
 public:
  /// nullptr: nobody is to be asked. Not owned.
  void set(Authoriser* authoriser) { authoriser_ = authoriser; }
  /// Whether there is anyone to ask.
  bool active() const { return authoriser_ != nullptr; }
  Verdict authorise(const AccessRequest& request,
                    const Authoriser::AnswerMaker& make_answer) const {
    return authoriser_ != nullptr ? authoriser_->authorise(request, make_answer) : Verdict::allow;
  }

 private:
  Authoriser* authoriser_ = nullptr;
};

}  // namespace broker
