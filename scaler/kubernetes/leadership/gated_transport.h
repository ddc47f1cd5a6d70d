#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/transport.h"

namespace scaler::kubernetes::leadership {

/// Lets nothing but reads pass while this process does not lead: asked right before each request
/// goes on the wire, after whatever it has waited for (the rate limit, a retry), so that no part of
/// a scaler that was stopped and woken carries out what it had decided before.
///
/// What is on the wire already may still be carried out late: it names the version that it goes by.
class GatedTransport final : public common::kubernetes::Transport {
 public:
  /// `may_write` is asked on the executor's thread. The lease itself, whose target begins with
  /// `lease`, always passes. All outlive this.
  GatedTransport(common::Executor& executor, common::kubernetes::Transport& transport,
                 std::function<bool()> may_write, std::string lease);

  [[nodiscard]] std::unique_ptr<common::kubernetes::WireCall> Start(
      common::kubernetes::WireRequest request, common::kubernetes::WireEvents events) override;

 private:
  common::Executor& executor_;
  common::kubernetes::Transport& transport_;
  std::function<bool()> may_write_;
  std::string lease_;
};

/// The target of the leases of a namespace.
[[nodiscard]] std::string LeasesOf(const std::string& name_space);

}  // namespace scaler::kubernetes::leadership
