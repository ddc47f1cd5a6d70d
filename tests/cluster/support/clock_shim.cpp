// To be preloaded into a program: its clock on the wall is as far off as the file says that
// CLOCK_OFFSET_FILE names, eight bytes of seconds that may change at any time. The clocks that no
// person sets are left alone. (A time namespace can do neither.)
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

const volatile std::int64_t* Map() {
  const char* const path = std::getenv("CLOCK_OFFSET_FILE");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return nullptr;
  }
  void* const page = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return page == MAP_FAILED ? nullptr : static_cast<const volatile std::int64_t*>(page);
}

std::int64_t Offset() {
  static const auto* const seconds = Map();
  return seconds == nullptr ? 0 : *seconds;
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static auto* const real = Real<int(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += Offset();
  }
  return result;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  static auto* const real = Real<int(timeval*, void*)>("gettimeofday");
  const int result = real(now, zone);
  if (result == 0) {
    now->tv_sec += Offset();
  }
  return result;
}

time_t time(time_t* to) noexcept {
  static auto* const real = Real<time_t(time_t*)>("time");
  const auto now = real(nullptr) + Offset();
  if (to != nullptr) {
    *to = now;
  }
  return now;
}
}
