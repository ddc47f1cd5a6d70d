#include "scaler/program/heap_keeper.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace scaler::program {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(5);
constexpr std::size_t kLeastBytes = 16 << 20;
constexpr std::size_t kShareOfUsed = 4;

std::size_t HolesOf(const HeapUse& use) {
  return use.resident_bytes - std::min(use.resident_bytes, use.used_bytes);
}

}  // namespace

HeapUse ReadHeapUse() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t shared = 0;
  if (!(file >> size >> resident >> shared)) {
    return {};
  }
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto heap = ::mallinfo2();
  return {(resident - std::min(resident, shared)) * page, heap.uordblks + heap.hblkhd};
}

bool HeapHoles::Due(const HeapUse& now) const {
  return HolesOf(now) > left_bytes_ + std::max(kLeastBytes, now.used_bytes / kShareOfUsed);
}

/// Holes that grow together later are fewer than were left; others take their place.
void HeapHoles::GivenBack(const HeapUse& after) { left_bytes_ = HolesOf(after); }

void HeapKeeper::LookLater() {
  timer_ = executor_.After(kLookEvery, [this] {
    Look();
    LookLater();
  });
}

void HeapKeeper::Look() {
  if (holes_.Due(ReadHeapUse())) {
    ::malloc_trim(0);
    holes_.GivenBack(ReadHeapUse());
  }
}

}  // namespace scaler::program
