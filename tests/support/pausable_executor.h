#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "common/executor.h"

namespace tests {

/// One process on a shared virtual clock that can be stopped (SIGSTOP) and goes on later: what
/// becomes due meanwhile runs when it goes on, late, and time has passed for it too.
class PausableExecutor final : public common::Executor {
 public:
  explicit PausableExecutor(common::Executor& world) : world_(world) {}

  [[nodiscard]] common::WallTime Wall() const override { return world_.Wall(); }
  [[nodiscard]] common::MonotonicTime Monotonic() const override { return world_.Monotonic(); }

  void Post(std::function<void()> call) override {
    auto entry = std::make_shared<Entry>(std::move(call));
    world_.Post([shared = shared_, entry] { Due(*shared, entry); });
  }

  [[nodiscard]] std::unique_ptr<common::Timer> After(std::chrono::milliseconds delay,
                                                     std::function<void()> call) override {
    auto entry = std::make_shared<Entry>(std::move(call));
    auto timer = world_.After(delay, [shared = shared_, entry] { Due(*shared, entry); });
    return std::make_unique<Handle>(std::move(entry), std::move(timer));
  }

  void Pause() { shared_->paused = true; }

  void Resume() {
    shared_->paused = false;
    for (auto& entry : std::exchange(shared_->late, {})) {
      world_.Post([shared = shared_, entry] { Due(*shared, entry); });
    }
  }

 private:
  using Entry = std::function<void()>;  ///< Empty: cancelled.
  struct Shared {
    bool paused = false;
    std::deque<std::shared_ptr<Entry>> late;
  };

  class Handle final : public common::Timer {
   public:
    Handle(std::shared_ptr<Entry> entry, std::unique_ptr<common::Timer> timer)
        : entry_(std::move(entry)), timer_(std::move(timer)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override { *entry_ = nullptr; }

   private:
    std::shared_ptr<Entry> entry_;
    std::unique_ptr<common::Timer> timer_;
  };

  static void Due(Shared& shared, const std::shared_ptr<Entry>& entry) {
    if (shared.paused) {
      shared.late.push_back(entry);
    } else if (const auto call = std::exchange(*entry, nullptr)) {
      call();
    }
  }

  common::Executor& world_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace tests
