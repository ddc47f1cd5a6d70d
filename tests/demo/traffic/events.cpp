#include "tests/demo/traffic/events.h"

#include <type_traits>

namespace demo {

std::string FateName(Fate fate) {
  switch (fate) {
    case Fate::kAnswered:
      return "answered";
    case Fate::kWaking:
      return "waking";
    case Fate::kStatus:
      return "status";
    case Fate::kRefused:
      return "refused";
    case Fate::kReset:
      return "reset";
    case Fate::kTimedOut:
      return "timed_out";
    case Fate::kNotSent:
      return "not_sent";
  }
  return "unknown";
}

MonotonicTime TimeOf(const Event& event) {
  return std::visit(
      [](const auto& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Outcome>) {
          return what.ended;
        } else {
          return what.at;
        }
      },
      event);
}

}  // namespace demo
