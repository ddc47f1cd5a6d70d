#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/cluster_latency/course.h"

namespace cluster::latency {

/// Pairs of workloads, one ours and one the HPA's, whose signals step up and down at the same
/// instant, each pair at random phases of its own.
class Steps : public Course {
 public:
  /// Makes the workloads and waits until both autoscalers know them; about `ups` steps up, and as
  /// many down.
  Steps(Stage& stage, int ups);

  void Poll(common::MonotonicTime now) override;
  [[nodiscard]] bool IsDone() const override;
  [[nodiscard]] std::string Progress() const override;
  [[nodiscard]] std::vector<Section> Report() const override;

 private:
  struct Step {
    bool up = false;
    common::MonotonicTime began;
    std::optional<Write> ours;
    std::optional<Write> theirs;
  };
  struct Lane {
    std::string ours;
    std::string theirs;
    int left = 0;
    bool under_way = false;
    common::MonotonicTime next;
    std::vector<Step> steps;
  };

  void AwaitKnown() const;
  void Begin(Lane& lane);
  [[nodiscard]] Section Of(bool up) const;

  Stage& stage_;
  std::vector<Lane> lanes_;
};

}  // namespace cluster::latency
