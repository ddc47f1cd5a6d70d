#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "scaler/engine/pod.h"

namespace scaler::kubernetes::workloads {

/// What is read of an object that can be scaled.
struct ScalableFields {
  std::map<std::string, std::string> labels;
  std::string owner;  ///< The uid of what controls it; empty: nothing does.
  bool deleted = false;
  int replicas = 1;                         ///< spec.replicas; what the server takes for none.
  std::optional<double> cpu_request_cores;  ///< Of one pod, summed over its containers.
  std::optional<double> memory_request_bytes;
  std::optional<double> memory_limit_bytes;  ///< Empty where a container has none.
  std::string problem;  ///< Why its controller cannot make its pods, in its own words.

  friend bool operator==(const ScalableFields&, const ScalableFields&) = default;
};

/// What is read of a pod.
struct PodFields {
  std::string owner;     ///< The uid of what controls it; empty: nothing does.
  std::string revision;  ///< pod-template-hash or controller-revision-hash.
  std::string address;
  std::string waits;  ///< Why it does not run: what the scheduler or the kubelet says.
  common::WallTime created;
  std::optional<common::WallTime> leaving;        ///< Since it was told to go.
  std::optional<common::WallTime> ready_changed;  ///< The last transition of the condition Ready.
  bool ready = false;
  bool pending = false;   ///< None of its containers has been started yet.
  bool over = false;      ///< Failed, evicted or completed: it will not run again.
  bool back_off = false;  ///< A container ended and waits for its next start.
  std::uint32_t restarts = 0;
  engine::Pod::End last_end = engine::Pod::End::kNone;
  common::WallTime last_end_at;

  friend bool operator==(const PodFields&, const PodFields&) = default;
};

/// What a HorizontalPodAutoscaler or a ScaledObject scales.
struct ScaleTarget {
  std::string group;  ///< "apps".
  std::string kind;
  std::string name;

  friend auto operator<=>(const ScaleTarget&, const ScaleTarget&) = default;
};

/// Reads objects as the API server sends them. What is missing or of another type than the API's
/// documentation says keeps its default: a strange object must not stop the rest. Keeps a buffer;
/// not thread-safe.
class Decoder {
 public:
  Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder();

  [[nodiscard]] ScalableFields Scalable(std::string_view json);
  [[nodiscard]] PodFields Pod(std::string_view json);

  /// The uid of what controls an object, and nothing else; empty: nothing does.
  [[nodiscard]] std::string Owner(std::string_view json);

  /// spec.scaleTargetRef. Where no kind is given it is a Deployment, as KEDA has it.
  [[nodiscard]] ScaleTarget Target(std::string_view json);

 private:
  struct Buffer;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace scaler::kubernetes::workloads
