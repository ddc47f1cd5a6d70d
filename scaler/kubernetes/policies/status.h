#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaler::kubernetes::policies {

/// One of `status.conditions`, as Kubernetes has them.
struct Condition {
  std::string type;     ///< "Ready", "Valid", "Active", "Held", "Limited".
  std::string status;   ///< "True" or "False".
  std::string reason;   ///< One word: "Refused".
  std::string message;  ///< For people.

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// The newest change of a workload's number, or what holds it; of a CapacityPolicy the newest that
/// asked for something to be done with nodes, which is of no one workload and has no two numbers.
struct LastDecision {
  std::string time;      ///< RFC 3339, UTC, whole seconds.
  std::string workload;  ///< "shops/web"; empty: of nodes.
  std::string outcome;   ///< "scaled", "dry_run", "held", "kept".
  std::optional<int> from = {};
  std::optional<int> to = {};
  std::string why;  ///< One sentence; of nodes one for each thing that was asked for.

  friend bool operator==(const LastDecision&, const LastDecision&) = default;
};

/// `status` of a policy object: of a bounded size, however many workloads it is for. What only age
/// would change is not in it, so that it is written only when something happens.
struct ObjectStatus {
  std::int64_t observed_generation = 0;
  std::string target;  ///< What it is for, in a word for a column: "web", "tier=shop".
  std::string mode;    ///< "active", "dryRun", "paused", "frozen"; empty: of a refused one.
  std::optional<std::int64_t> workloads;
  std::optional<std::int64_t> current;  ///< Replicas (of a CapacityPolicy: nodes) that there are.
  std::optional<std::int64_t> desired;
  std::vector<Condition> conditions;
  std::optional<LastDecision> last_decision;
  std::vector<std::string> problems;

  friend bool operator==(const ObjectStatus&, const ObjectStatus&) = default;
};

/// When each condition last took another status: by type, status and time (RFC 3339).
struct Transition {
  std::string status;
  std::string at;

  friend bool operator==(const Transition&, const Transition&) = default;
};
using Transitions = std::map<std::string, Transition>;

/// The same as one text, which takes a fifth of the room. What is no word or time is left out.
[[nodiscard]] std::string Pack(const Transitions& transitions);
[[nodiscard]] Transitions Unpack(std::string_view packed);

/// What an object's status was when it was last seen or written, in a few bytes.
struct SeenStatus {
  std::size_t fingerprint = 0;                        ///< 0: there was none that could be read.
  std::string transitions;                            ///< Packed.
  std::shared_ptr<const LastDecision> of_nodes = {};  ///< The last one about nodes; null: none.
};

/// For SeenStatus::of_nodes.
[[nodiscard]] std::shared_ptr<const LastDecision> LastOfNodes(const ObjectStatus& status);

/// Equal for equal statuses; never 0.
[[nodiscard]] std::size_t FingerprintOf(const ObjectStatus& status);

/// The merge patch that makes it the object's status, whatever that was. Conditions whose status
/// `before` has keep its time; the others get `now`.
[[nodiscard]] std::string StatusPatch(const ObjectStatus& status, const Transitions& before,
                                      const std::string& now);

/// The times that StatusPatch writes.
[[nodiscard]] Transitions TransitionsOf(const ObjectStatus& status, const Transitions& before,
                                        const std::string& now);

/// Reads the JSON of a status. Of one that is not ours the fingerprint is of no status of ours.
[[nodiscard]] SeenStatus ReadStatus(std::string_view json);

}  // namespace scaler::kubernetes::policies
