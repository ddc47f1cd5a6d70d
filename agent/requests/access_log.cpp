#include "agent/requests/access_log.h"

#include <utility>

#include "agent/requests/change_notifier.h"
#include "agent/requests/checkpoint.h"
#include "agent/requests/request_counter.h"
#include "agent/requests/tailer.h"
#include "common/log.h"

namespace agent::requests {

using common::Result;

struct AccessLog::Impl {
  Impl(AccessLogOptions the_options, std::shared_ptr<const TenantRegistry> registry,
       ChangeNotifier the_notifier, const common::Clock& clock)
      : options(std::move(the_options)),
        notifier(std::move(the_notifier)),
        tailer(options.path, options.idle_close, notifier, clock),
        counter(options.format, std::move(registry)) {}

  /// Goes on where the checkpoint says, if it is one of this log.
  bool Restore();
  void ReportProblem();

  const AccessLogOptions options;
  ChangeNotifier notifier;
  Tailer tailer;
  RequestCounter counter;
  bool announcing = false;
  std::string reported_problem;
};

bool AccessLog::Impl::Restore() {
  if (options.checkpoint.empty()) {
    return false;
  }
  const auto loaded = LoadCheckpoint(options.checkpoint);
  if (!loaded) {
    common::log::Warning("the checkpoint of the access log is of no use; counters begin at 0",
                         {{"reason", loaded.error().what}});
    return false;
  }
  if (!*loaded) {
    return false;
  }
  const auto& checkpoint = **loaded;
  if (checkpoint.log != options.path.string()) {
    common::log::Warning("the checkpoint belongs to another access log; counters begin at 0",
                         {{"checkpoint", options.checkpoint.string()}, {"log", checkpoint.log}});
    return false;
  }
  tailer.Restore(checkpoint.files);
  counter.Restore(checkpoint.counters);
  return true;
}

void AccessLog::Impl::ReportProblem() {
  if (tailer.Problem() == reported_problem) {
    return;
  }
  reported_problem = tailer.Problem();
  if (reported_problem.empty()) {
    common::log::Info("the access log can be read again", {{"log", options.path.string()}});
  } else {
    common::log::Warning("the access log cannot be read", {{"reason", reported_problem}});
  }
}

AccessLog::AccessLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AccessLog::~AccessLog() = default;

Result<std::unique_ptr<AccessLog>> AccessLog::Open(AccessLogOptions options,
                                                   std::shared_ptr<const TenantRegistry> registry,
                                                   const common::Clock& clock) {
  auto notifier = ChangeNotifier::Make();
  if (!notifier) {
    return tl::make_unexpected(std::move(notifier.error()));
  }
  auto impl =
      std::make_unique<Impl>(std::move(options), std::move(registry), std::move(*notifier), clock);
  if (!impl->Restore()) {
    impl->counter.BeginEpoch(static_cast<std::uint64_t>(clock.Wall().time_since_epoch().count()));
  }
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(impl)));
}

bool AccessLog::Poll() {
  const bool more = impl_->tailer.Poll(impl_->options.poll_bytes, impl_->counter);
  impl_->ReportProblem();
  if (!impl_->announcing && impl_->tailer.CaughtUp()) {
    impl_->announcing = true;
    impl_->counter.AnnounceFirst(impl_->options.on_first, impl_->options.quiet);
  }
  return more;
}

int AccessLog::FileDescriptor() const { return impl_->notifier.Descriptor(); }

bool AccessLog::CaughtUp() const { return impl_->tailer.CaughtUp(); }

RequestCounters AccessLog::Counters() const {
  auto counters = impl_->counter.Counters();
  counters.source.lag_bytes = impl_->tailer.LagBytes();
  counters.source.problem = impl_->tailer.Problem();
  return counters;
}

void AccessLog::UseRegistry(std::shared_ptr<const TenantRegistry> registry) {
  impl_->counter.UseRegistry(std::move(registry));
}

Result<void> AccessLog::SaveCheckpoint() const {
  if (impl_->options.checkpoint.empty()) {
    return {};
  }
  return requests::SaveCheckpoint(impl_->options.checkpoint,
                                  {.log = impl_->options.path.string(),
                                   .files = impl_->tailer.Files(),
                                   .counters = impl_->counter.Counters()});
}

}  // namespace agent::requests
