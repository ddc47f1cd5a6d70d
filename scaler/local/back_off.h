#pragma once

#include <chrono>

#include "scaler/local/spec.h"

namespace scaler::local {

/// How long a replica that ended by itself waits for its next start: doubled each time, and from
/// the beginning again once it has run ten times as long as it had to wait. A value; no clock.
class BackOff {
 public:
  /// `last` is the wait before the present run, or zero if there was none.
  BackOff(const RestartSpec& spec, std::chrono::milliseconds last) : spec_(spec), last_(last) {}

  /// The wait after a run of `ran_for`.
  std::chrono::milliseconds Next(std::chrono::milliseconds ran_for);

  [[nodiscard]] std::chrono::milliseconds Last() const { return last_; }

 private:
  RestartSpec spec_;
  std::chrono::milliseconds last_;
};

}  // namespace scaler::local
