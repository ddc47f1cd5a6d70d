#include "scaler/kubernetes/workloads/packed_replica.h"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace scaler::kubernetes::workloads {
namespace {

/// The server takes no longer addresses and labels.
constexpr std::size_t kLongest = std::numeric_limits<std::uint16_t>::max();

std::optional<common::MonotonicTime> IfEver(common::MonotonicTime at, common::MonotonicTime never) {
  return at == never ? std::nullopt : std::optional(at);
}

}  // namespace

PackedReplica::PackedReplica(const platform::Replica& replica)
    : since_(replica.since),
      created_(replica.created.value_or(kNever)),
      ready_changed_(replica.ready_changed.value_or(kNever)),
      ended_(replica.last_end ? replica.last_end->at : kNever),
      restarts_(replica.restarts),
      phase_(static_cast<std::uint8_t>(replica.phase)),
      end_(replica.last_end ? static_cast<std::uint8_t>(replica.last_end->how) : 0),
      has_served_(replica.has_served),
      pending_(replica.pending) {
  const auto address = std::string_view(replica.address).substr(0, kLongest);
  const auto revision = std::string_view(replica.revision).substr(0, kLongest);
  address_size_ = static_cast<std::uint16_t>(address.size());
  revision_size_ = static_cast<std::uint16_t>(revision.size());
  texts_.reserve(address.size() + revision.size() + replica.waits.size());
  texts_.append(address).append(revision).append(replica.waits);
}

platform::Replica PackedReplica::Unpack(std::string id) const {
  platform::Replica replica;
  replica.id = std::move(id);
  replica.phase = static_cast<platform::Phase>(phase_);
  replica.since = since_;
  replica.restarts = restarts_;
  replica.address = texts_.substr(0, address_size_);
  replica.created = IfEver(created_, kNever);
  if (ended_ != kNever) {
    replica.last_end = platform::End{static_cast<engine::Pod::End>(end_), ended_};
  }
  replica.ready_changed = IfEver(ready_changed_, kNever);
  replica.has_served = has_served_;
  replica.pending = pending_;
  replica.waits = texts_.substr(address_size_ + revision_size_);
  replica.revision = texts_.substr(address_size_, revision_size_);
  return replica;
}

}  // namespace scaler::kubernetes::workloads
