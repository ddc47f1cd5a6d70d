#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/host.h"
#include "scaler/local/ingress.h"
#include "scaler/local/replica.h"
#include "scaler/local/replica_files.h"
#include "scaler/local/spec.h"
#include "scaler/platform/node_platform.h"
#include "scaler/platform/platform.h"
#include "scaler/platform/replacement.h"

namespace scaler::local {

/// The replicas of one workload, as many as were last asked for.
class ReplicaSet {
 public:
  /// Reads how many are wanted from the state directory; there is nothing yet: spec.replicas.
  ReplicaSet(Host& host, WorkloadSpec spec);

  /// Takes over a replica of an earlier life. Before the first Reconcile.
  void Adopt(std::uint64_t number, const Launch& launch);

  /// Keeps the wish on disk, then follows it.
  [[nodiscard]] common::Result<void> Scale(int replicas);

  /// Lets all replicas go; what was asked for stays on disk for the next life.
  void StopAll();

  /// Forgets what has gone; starts, takes back or lets go until the number is right.
  void Reconcile();

  /// The replica behind that server of HAProxy, or null.
  [[nodiscard]] Replica* Find(const ServerId& id) const;

  [[nodiscard]] const WorkloadSpec& Spec() const { return spec_; }
  [[nodiscard]] bool Empty() const { return replicas_.empty(); }
  [[nodiscard]] platform::Workload Describe() const;

  /// What its replicas ask of nodes.
  [[nodiscard]] platform::HostedWorkload Asks() const;
  /// Where each replica is; those without a node included.
  void AddPods(platform::HostedPods& pods) const;

 private:
  [[nodiscard]] int Wanted() const { return stopping_ ? 0 : state_.desired; }
  [[nodiscard]] int Staying() const;
  [[nodiscard]] int Missing() const;
  bool TakeOneBack();
  bool StartOne(const std::string& node = {});
  void ReconcileOnNodes();
  bool PlaceOne(int unplaced);
  [[nodiscard]] platform::Replacement Plan() const;
  void LetOneGo();
  void ForgetGone();
  [[nodiscard]] common::Result<void> Save() const;

  Host& host_;
  WorkloadSpec spec_;
  WorkloadState state_;     ///< As it is on disk.
  std::uint64_t next_ = 1;  ///< Of a new replica; state_.next may reserve more.
  std::vector<std::unique_ptr<Replica>> replicas_;  ///< By number.
  bool stopping_ = false;
  std::string problem_;
  std::string pending_;  ///< Why some have no node.
};

}  // namespace scaler::local
