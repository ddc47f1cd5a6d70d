#include "scaler/kubernetes/leadership/gated_transport.h"

#include <utility>

namespace scaler::kubernetes::leadership {
namespace {

/// A request that never goes out; tells so unless it is given up before.
class Withheld final : public common::kubernetes::WireCall {
 public:
  Withheld(common::Executor& executor, std::function<void(common::Result<void>)> on_end)
      : timer_(executor.After(std::chrono::milliseconds(0), [on_end = std::move(on_end)] {
          on_end(common::Fail(std::errc::operation_not_permitted, "this scaler does not lead"));
        })) {}

 private:
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace

GatedTransport::GatedTransport(common::Executor& executor, common::kubernetes::Transport& transport,
                               std::function<bool()> may_write, std::string lease)
    : executor_(executor),
      transport_(transport),
      may_write_(std::move(may_write)),
      lease_(std::move(lease)) {}

std::unique_ptr<common::kubernetes::WireCall> GatedTransport::Start(
    common::kubernetes::WireRequest request, common::kubernetes::WireEvents events) {
  if (request.method == "GET" || request.target.starts_with(lease_) || may_write_()) {
    return transport_.Start(std::move(request), std::move(events));
  }
  return std::make_unique<Withheld>(executor_, std::move(events.on_end));
}

std::string LeasesOf(const std::string& name_space) {
  return "/apis/coordination.k8s.io/v1/namespaces/" + name_space + "/leases";
}

}  // namespace scaler::kubernetes::leadership
