#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

#include "runtime/mailbox.h"
#include "runtime/worker.h"
#include "runtime/worker_group.h"

namespace broker {

/// Asks every worker the same thing and gathers what they answer, without stopping them: each
/// answers on its own thread, between its other work, in as many turns as it needs.
///
/// Made, awaited and destroyed by one thread, which is none of the workers'. Waiting always ends:
/// when all have answered, when the workers are stopped, or when the caller has had enough.
template <class Part>
class Inquiry {
 public:
  /// Adds to the answer of a worker, on its thread; true: the answer is complete. Otherwise it is
  /// called again in that worker's next turn. It is not begun once the Inquiry is gone, but may
  /// outlast it by one call: what it refers to lives as long as the workers do, unless the caller
  /// waits for all answers, come what may.
  using Step = std::function<bool(unsigned worker, Part& part)>;
  using Time = std::chrono::steady_clock::time_point;

  struct Answers {
    std::vector<Part> parts;  ///< by worker, without those whose answer is not complete
    bool complete = false;    ///< all have answered
  };

  Inquiry(const WorkerGroup& group, Step step)
      : state_(std::make_shared<State>(std::move(step), group.size())),
        on_stop_(group.stopping(), End{state_}) {
    for (Worker* worker : group.all()) worker->post(std::make_unique<Question>(state_, *worker));
  }
  ~Inquiry() { state_->end(); }
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;

  /// Waits for all answers, or for `stop`. Once: the answers are the caller's then.
  Answers wait(std::stop_token stop = {}) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, std::move(stop), [this] { return state_->is_over(); });
    return state_->take();
  }
  /// The same until a time.
  Answers wait_until(Time time) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_until(lock, time, [this] { return state_->is_over(); });
    return state_->take();
  }

 private:
  /// Shared by the asker and the letters that are on their way.
  struct State {
    State(Step ask, std::size_t workers)
        : step(std::move(ask)), slots(workers), unanswered(workers) {}

    struct Slot {
      Part part{};            ///< its worker's until it is complete
      bool complete = false;  ///< guarded by mutex
    };

    void complete(unsigned worker) {
      const std::scoped_lock guard(mutex);
      slots[worker].complete = true;
      if (--unanswered == 0) changed.notify_all();
    }
    void end() {
      const std::scoped_lock guard(mutex);
      ended = true;
      changed.notify_all();
    }
    bool has_ended() {
      const std::scoped_lock guard(mutex);
      return ended;
    }
    /// The caller holds the mutex, here and below.
    bool is_over() const { return unanswered == 0 || ended; }
    /// Nothing more is asked.
    Answers take() {
      ended = true;
      Answers answers;
      answers.complete = unanswered == 0;
      for (Slot& slot : slots) {
        if (slot.complete) answers.parts.push_back(std::move(slot.part));
      }
      return answers;
    }

    const Step step;
    std::vector<Slot> slots;  ///< by worker
    std::mutex mutex;
    std::condition_variable_any changed;
    std::size_t unanswered;  ///< guarded by mutex
    bool ended = false;      ///< guarded by mutex
  };

  class Question final : public Letter {
   public:
    Question(std::shared_ptr<State> state, Worker& worker)
        : state_(std::move(state)), worker_(worker) {}

    void open() override {
      if (state_->has_ended()) return;
      const unsigned index = worker_.index();
      if (state_->step(index, state_->slots[index].part)) return state_->complete(index);
      worker_.post(std::make_unique<Question>(std::move(state_), worker_));
    }

   private:
    std::shared_ptr<State> state_;
    Worker& worker_;
  };

  struct End {
    std::shared_ptr<State> state;
    void operator()() const { state->end(); }
  };

  std::shared_ptr<State> state_;
  std::stop_callback<End> on_stop_;
};

/// Has every worker do something, and waits until all have.
inline void on_every_worker(const WorkerGroup& group,
                            const std::function<void(unsigned worker)>& task) {
  struct Nothing {};
  Inquiry<Nothing>(group, [&task](unsigned worker, Nothing&) {
    task(worker);
    return true;
  }).wait();
}

}  // namespace broker
