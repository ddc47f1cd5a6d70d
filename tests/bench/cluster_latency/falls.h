#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/cluster_latency/course.h"

namespace cluster::latency {

/// Demand that falls to a tenth for good, at random phases: how long until the last write.
class Falls : public Course {
 public:
  /// Makes `each` workloads of each kind.
  Falls(Stage& stage, int each);

  void Poll(common::MonotonicTime now) override;
  [[nodiscard]] bool IsDone() const override;
  [[nodiscard]] std::string Progress() const override;
  [[nodiscard]] std::vector<Section> Report() const override;

 private:
  struct Lane {
    std::string name;
    std::size_t kind = 0;
    common::MonotonicTime falls;
    bool fell = false;
    bool over = false;
  };

  Stage& stage_;
  std::vector<Lane> lanes_;
};

/// The same of an HPA with its defaults, once: it takes five minutes.
class TheirFall : public Course {
 public:
  explicit TheirFall(Stage& stage);

  void Poll(common::MonotonicTime now) override;
  [[nodiscard]] bool IsDone() const override { return took_.has_value() || gave_up_; }
  [[nodiscard]] std::string Progress() const override;
  [[nodiscard]] std::vector<Section> Report() const override;

 private:
  Stage& stage_;
  common::MonotonicTime fell_;
  std::optional<double> took_;
  bool gave_up_ = false;
};

}  // namespace cluster::latency
