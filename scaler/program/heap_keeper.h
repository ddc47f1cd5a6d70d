#pragma once

#include <cstddef>
#include <memory>

#include "common/executor.h"

namespace scaler::program {

/// What the process has of memory, without what it shares with others (its own code).
struct HeapUse {
  std::size_t resident_bytes = 0;
  std::size_t used_bytes = 0;  ///< Handed out by malloc.
};

/// Of this process; all zeros where the system does not say it.
[[nodiscard]] HeapUse ReadHeapUse();

/// Whether giving back is worth its time: there are holes of more than a quarter of what is used,
/// and of 16 MiB, beside those that were left the last time, which are too small to be given back.
/// Pure.
class HeapHoles {
 public:
  [[nodiscard]] bool Due(const HeapUse& now) const;
  void GivenBack(const HeapUse& after);

 private:
  std::size_t left_bytes_ = 0;
};

/// Gives memory back to the system that a burst has left free in the heap: the first lists and
/// decisions, ten thousand statuses. By itself malloc gives back only what is free at the end of
/// the heap, and keeps the rest for ever. Belongs to the executor's thread.
class HeapKeeper {
 public:
  explicit HeapKeeper(common::Executor& executor) : executor_(executor) { LookLater(); }
  HeapKeeper(const HeapKeeper&) = delete;
  HeapKeeper& operator=(const HeapKeeper&) = delete;

 private:
  void LookLater();
  void Look();

  common::Executor& executor_;
  HeapHoles holes_;
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::program
