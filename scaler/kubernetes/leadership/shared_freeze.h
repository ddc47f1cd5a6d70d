#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/kubernetes/client.h"
#include "common/result.h"
#include "scaler/loop/freeze_switch.h"

namespace scaler::kubernetes::leadership {

/// The stop switch of all scalers of a cluster: annotations of the Lease, which each of them reads
/// before it acts, so that no fail-over and no new pod thaws anything. A person may write them too:
/// `kubectl annotate lease trimtab-scaler trimtab.io/frozen="why"`.
///
/// The switch of this process follows what the Lease says when that changes. Belongs to the thread
/// of the client.
class SharedFreeze {
 public:
  using Done = std::function<void(common::Result<void>)>;

  /// All but the names outlive it. `changed` is called when the Lease has moved the switch.
  SharedFreeze(common::kubernetes::Client& client, const common::Clock& clock,
               loop::FreezeSwitch& own, const std::string& name_space, const std::string& lease,
               std::function<void()> changed);
  SharedFreeze(const SharedFreeze&) = delete;
  SharedFreeze& operator=(const SharedFreeze&) = delete;
  ~SharedFreeze();

  /// The Lease as JSON, each time that it was read or written by the election.
  void Saw(std::string_view lease);

  /// Has all others frozen (or, empty, thawed): they know within two seconds, or before they act.
  /// `done` is called with what the API server said; a second call ends the one before.
  void Write(const std::optional<loop::Freeze>& freeze, Done done);

 private:
  /// What the annotations say; empty: nothing is frozen.
  struct Words {
    std::string reason;
    std::string since;

    friend bool operator==(const Words&, const Words&) = default;
  };

  [[nodiscard]] static std::optional<Words> Read(std::string_view lease);
  void Follow(const std::optional<Words>& words);
  void End(common::Result<void> result);

  common::kubernetes::Client& client_;
  const common::Clock& clock_;
  loop::FreezeSwitch& own_;
  std::string target_;
  std::function<void()> changed_;
  bool has_seen_ = false;
  std::optional<Words> seen_;
  std::unique_ptr<common::kubernetes::Pending> pending_;
  Done done_;
};

}  // namespace scaler::kubernetes::leadership
