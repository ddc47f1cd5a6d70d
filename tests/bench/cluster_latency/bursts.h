#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/cluster_latency/course.h"
#include "tests/bench/cluster_latency/ingress.h"
#include "tests/bench/cluster_latency/stages.h"
#include "tests/demo/traffic/generator.h"

namespace cluster::latency {

/// Half of them asleep, the others idle with one replica.
[[nodiscard]] std::vector<Shop> Shops(int count);

/// Each shop's one burst at a real HAProxy, at random times, and its end.
class Bursts : public Course {
 public:
  Bursts(Stage& stage, const Ingress& ingress, Witnesses witnesses, std::vector<Shop> shops);

  void Poll(common::MonotonicTime now) override;
  [[nodiscard]] bool IsDone() const override { return done_; }
  [[nodiscard]] std::string Progress() const override;
  [[nodiscard]] std::vector<Section> Report() const override;

 private:
  struct Visits {
    std::optional<common::MonotonicTime> first;
    std::optional<common::MonotonicTime> last;
  };

  void Take(const demo::Event& event);
  void Begin();
  [[nodiscard]] std::vector<Row> Rises(const char* name, bool asleep, int least,
                                       const Records& records) const;
  [[nodiscard]] Row Falls() const;

  Stage& stage_;
  const Ingress& ingress_;
  const Witnesses witnesses_;
  const std::vector<Shop> shops_;
  demo::Course course_;
  common::MonotonicTime begins_;
  common::MonotonicTime ends_;
  bool done_ = false;
  mutable std::mutex mutex_;
  std::vector<Visits> visits_;  ///< By shop. Written by the generator's thread.
  std::unique_ptr<demo::Generator> generator_;
};

}  // namespace cluster::latency
