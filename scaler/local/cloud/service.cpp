#include "scaler/local/cloud/service.h"

#include <algorithm>
#include <utility>

#include "common/file_system.h"
#include "common/log.h"
#include "common/text.h"

namespace scaler::local::cloud {
namespace {

using common::Result;
using std::chrono::milliseconds;

constexpr auto kSaveAgain = milliseconds(1000);

/// Which boot of the machine this is; the nodes of another are gone.
Result<std::string> BootId(const std::filesystem::path& root) {
  return common::FileSystem(root)
      .Read("proc/sys/kernel/random/boot_id")
      .map([](const std::string& text) {
        std::string_view rest = text;
        return std::string(common::TakeLine(rest));
      });
}

}  // namespace

Service::Service(common::IoLoop& loop, Spec spec, Store store, State state, Cgroups cgroups)
    : loop_(loop),
      spec_(std::move(spec)),
      store_(std::move(store)),
      cloud_(spec_, std::move(state)),
      host_(loop_, spec_, store_, std::move(cgroups),
            [this](const std::string& node) {
              cloud_.Cleared(node, Time());
              (void)Commit();
            }),
      metadata_(loop_, loop_.Context(), spec_,
                [this](const std::string& node) {
                  cloud_.Acknowledge(node, Time());
                  (void)Commit();
                }),
      targets_(spec_.agent.targets),
      api_(loop_, cloud_, [this] { return Commit(); }) {}

Result<std::unique_ptr<Service>> Service::Open(common::IoLoop& loop, Spec spec,
                                               std::filesystem::path state,
                                               const std::filesystem::path& root) {
  if (spec.socket.empty()) {
    spec.socket = state / "cloud.sock";
  }
  auto store = Store::Open(std::move(state));
  if (!store) {
    return tl::make_unexpected(store.error());
  }
  auto cgroups = Cgroups::Find(root);
  if (!cgroups) {
    return tl::make_unexpected(cgroups.error());
  }
  return BootId(root)
      .and_then([&](const std::string& boot_id) { return store->Load(boot_id); })
      .and_then([&](State loaded) {
        std::unique_ptr<Service> service(new Service(loop, std::move(spec), std::move(*store),
                                                     std::move(loaded), std::move(*cgroups)));
        return service->Start().map([&] { return std::move(service); });
      });
}

Result<void> Service::Start() {
  return Commit()
      .and_then([&] {
        return AsyncServer::ListenUnix(loop_.Context(), spec_.socket,
                                       [this](const exporters::HttpRequest& request, Reply reply) {
                                         api_.Handle(request, std::move(reply));
                                       });
      })
      .map([&](std::unique_ptr<AsyncServer> server) { server_ = std::move(server); });
}

Result<void> Service::Commit() {
  cloud_.Advance(Time());
  Result<void> saved;
  if (cloud_.Latest().revision != saved_revision_) {
    saved = store_.Save(cloud_.Latest());
    if (saved) {
      saved_revision_ = cloud_.Latest().revision;
    } else {
      common::log::Error("the state cannot be saved", {{"error", saved.error().what}});
    }
  }
  // Before anybody is told of a node, its cgroup is there.
  host_.Reconcile(cloud_.Latest().nodes);
  metadata_.Reconcile(cloud_.Latest().nodes);
  TellPrometheus();
  if (std::exchange(told_revision_, cloud_.Latest().revision) != cloud_.Latest().revision) {
    api_.Changed();
  }
  Sleep();
  if (stopped_ && cloud_.Latest().nodes.empty()) {
    host_.Leave();
    std::exchange(stopped_, nullptr)();
  }
  return saved;
}

void Service::TellPrometheus() {
  const auto written = targets_.Write(AgentTargets(spec_, cloud_.Latest().nodes));
  if (std::exchange(targets_failed_, !written) != !written && !written) {
    common::log::Error("Prometheus cannot be told of the nodes' agents",
                       {{"error", written.error().what}});
  }
}

void Service::Sleep() {
  wake_.reset();
  auto next = cloud_.NextChange();
  if (cloud_.Latest().revision != saved_revision_) {
    const auto again = loop_.Monotonic() + kSaveAgain;
    next = next ? std::min(*next, again) : again;
  }
  if (next) {
    const auto pause = std::chrono::ceil<milliseconds>(*next - loop_.Monotonic());
    wake_ = loop_.After(std::max(pause, milliseconds(0)), [this] { (void)Commit(); });
  }
}

void Service::Stop(std::function<void()> done) {
  if (spec_.on_exit == OnExit::kStop) {
    for (const auto& node : std::vector<Node>(cloud_.Latest().nodes)) {
      cloud_.Remove(node.name, Time());
    }
    stopped_ = std::move(done);
    (void)Commit();
  } else {
    done();
  }
}

}  // namespace scaler::local::cloud
