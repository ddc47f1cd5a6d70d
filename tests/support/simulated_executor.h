#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "common/executor.h"

namespace tests {

/// Virtual time: it stands still while a call runs and jumps to the next pending one.
///
/// Calls that are due at the same instant run in the order in which they were asked for, so that
/// one seed gives one run.
class SimulatedExecutor final : public common::Executor {
 public:
  explicit SimulatedExecutor(common::WallTime start) : start_(start) {}

  [[nodiscard]] common::WallTime Wall() const override {
    return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(now_) + wall_jump_;
  }
  [[nodiscard]] common::MonotonicTime Monotonic() const override {
    return common::MonotonicTime(now_);
  }

  void Post(std::function<void()> call) override { Enqueue(now_, std::move(call)); }

  [[nodiscard]] std::unique_ptr<common::Timer> After(std::chrono::milliseconds delay,
                                                     std::function<void()> call) override {
    const auto key = Enqueue(now_ + std::max(delay, std::chrono::milliseconds(0)), std::move(call));
    return std::make_unique<Handle>(queue_, key);
  }

  /// Runs everything that is due within the next `duration`.
  void RunFor(std::chrono::nanoseconds duration) {
    const auto end = now_ + duration;
    while (!queue_->empty() && queue_->begin()->first.first <= end) {
      auto entry = queue_->extract(queue_->begin());
      now_ = entry.key().first;
      entry.mapped()();
    }
    now_ = end;
  }

  /// The machine's clock is set; monotonic time does not notice.
  void JumpWallClock(std::chrono::milliseconds by) { wall_jump_ += by; }

 private:
  using Key = std::pair<std::chrono::nanoseconds, std::uint64_t>;
  using Queue = std::map<Key, std::function<void()>>;

  class Handle final : public common::Timer {
   public:
    Handle(std::shared_ptr<Queue> queue, Key key) : queue_(std::move(queue)), key_(key) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override { queue_->erase(key_); }

   private:
    std::shared_ptr<Queue> queue_;
    Key key_;
  };

  Key Enqueue(std::chrono::nanoseconds at, std::function<void()> call) {
    const Key key{at, next_++};
    queue_->emplace(key, std::move(call));
    return key;
  }

  common::WallTime start_;
  std::chrono::milliseconds wall_jump_{0};
  std::chrono::nanoseconds now_{0};
  std::uint64_t next_ = 0;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
};

}  // namespace tests
