#include "scaler/kubernetes/leadership/elector.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "scaler/kubernetes/leadership/gated_transport.h"
#include "scaler/kubernetes/leadership/lease_object.h"

namespace scaler::kubernetes::leadership {
namespace {

using common::MonotonicTime;
using common::kubernetes::Outcome;
using common::kubernetes::Request;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Step = Election::Step;

constexpr auto kReleaseWithin = std::chrono::seconds(3);

}  // namespace

LeaseClock BootClock() {
  return [] {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return MonotonicTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
  };
}

Elector::Elector(common::Executor& executor, common::kubernetes::Client& client,
                 ElectorOptions options, std::function<void()> changed, LeaseClock clock)
    : executor_(executor),
      client_(client),
      options_(std::move(options)),
      changed_(std::move(changed)),
      clock_(std::move(clock)),
      election_(options_.identity, options_.times),
      random_(options_.seed) {}

void Elector::Start() { Round(); }

bool Elector::Leads() const {
  if (released_ || is_released_ || !election_.Leads(clock_())) {
    return false;
  }
  // What the wall clock says counts against us only: it may be set.
  return executor_.Wall() - renewed_wall_ < options_.times.renew_deadline;
}

std::string Elector::Target(bool collection) const {
  const auto path = LeasesOf(options_.name_space);
  return collection ? path : path + "/" + options_.lease;
}

Request Elector::Ask(std::string method, bool collection) const {
  Request request;
  request.method = std::move(method);
  request.target = Target(collection);
  request.priority = common::kubernetes::Priority::kLease;
  // An answer that comes later renews nothing in time.
  request.deadline = options_.times.renew_deadline / 2;
  return request;
}

void Elector::Round() {
  const auto step = election_.Next(clock_());
  if (step == Step::kRead) {
    Read();
  } else {
    Write(step);
  }
}

void Elector::Later() {
  const double jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  const auto now = clock_();
  const auto delay = std::chrono::ceil<milliseconds>(election_.NextAt(now, jitter) - now);
  timer_ = executor_.After(std::max(delay, milliseconds(0)), [this] { Round(); });
}

void Elector::Read() {
  pending_ = client_.Send(Ask("GET", false), [this](const Outcome<std::string>& outcome) {
    if (!outcome && outcome.error().status != 404) {
      Trouble(outcome.error().message);
      Later();
      return;
    }
    const auto now = clock_();
    if (!outcome) {
      election_.Read(std::nullopt, now);
    } else if (auto record = ReadLease(*outcome)) {
      options_.saw(*outcome);
      election_.Read(std::move(*record), now);
    } else {
      Trouble(record.error().what);
      Later();
      return;
    }
    Trouble("");
    Tell();
    if (election_.Next(clock_()) == Step::kRead) {
      Later();
    } else {
      Round();  // It is free, or ours.
    }
  });
}

void Elector::Write(Step step) {
  const auto wish = election_.Wish(step, MicroTime(executor_.Wall()));
  const bool made = step == Step::kCreate;
  auto request = Ask(made ? "POST" : "PATCH", made);
  request.body = made ? NewLease(options_.name_space, options_.lease, wish) : LeasePatch(wish);
  request.content_type = made ? "application/json" : "application/merge-patch+json";
  const auto sent = clock_();
  const auto wall = executor_.Wall();
  pending_ = client_.Send(
      std::move(request),
      [this, sent, wall](const Outcome<std::string>& outcome) { OnWritten(outcome, sent, wall); });
}

void Elector::OnWritten(const Outcome<std::string>& outcome, MonotonicTime sent,
                        common::WallTime wall) {
  if (outcome) {
    Take(*outcome, sent, wall);
    Tell();
    Later();
    return;
  }
  election_.Forget();
  const auto& refused = outcome.error();
  if (refused.status == 409 || refused.status == 404) {
    Read();  // Another was faster, or somebody has deleted it.
    return;
  }
  Trouble(refused.message);
  Later();
}

void Elector::Take(const std::string& body, MonotonicTime sent, common::WallTime wall) {
  auto record = ReadLease(body);
  if (!record) {
    election_.Forget();
    Trouble(record.error().what);
    return;
  }
  Trouble("");
  options_.saw(body);
  renewed_wall_ = wall;
  election_.Written(std::move(*record), sent, clock_());
  if (const auto until = election_.LeadsUntil()) {
    const auto left = std::chrono::ceil<milliseconds>(*until - clock_());
    expiry_ =
        executor_.After(std::max(left, milliseconds(0)) + milliseconds(1), [this] { Tell(); });
  }
}

void Elector::Trouble(const std::string& problem) {
  if (!problem.empty() && problem_.empty()) {
    common::log::Warning("the lease cannot be read or written", {{"why", problem}});
  }
  problem_ = problem;
}

void Elector::Tell() {
  const bool leads = Leads();
  if (leads == led_ && election_.Holder() == held_by_) {
    return;
  }
  if (leads != led_) {
    common::log::Info(leads ? "leads" : "does not lead any more",
                      {{"identity", options_.identity}, {"holder", election_.Holder()}});
  } else {
    common::log::Info("another leads", {{"holder", election_.Holder()}});
  }
  led_ = leads;
  held_by_ = election_.Holder();
  changed_();
}

void Elector::Release(std::function<void()> done) {
  const bool ours = election_.Holder() == options_.identity;
  released_ = std::move(done);
  expiry_.reset();
  Tell();
  if (!ours) {
    pending_.reset();
    EndRelease();
    return;
  }
  timer_ = executor_.After(kReleaseWithin, [this] { EndRelease(); });
  GiveBack();
}

/// Reads first: a renewal that was under way may have been carried out.
void Elector::GiveBack() {
  pending_ = client_.Send(Ask("GET", false), [this](const Outcome<std::string>& outcome) {
    auto record = outcome ? ReadLease(*outcome)
                          : common::Result<LeaseRecord>(
                                common::Fail(std::errc::io_error, outcome.error().message));
    if (!record || record->holder != options_.identity) {
      EndRelease();
      return;
    }
    record->holder.clear();
    record->duration_seconds = 1;
    record->renewed = MicroTime(executor_.Wall());
    auto request = Ask("PATCH", false);
    request.body = LeasePatch(*record);
    request.content_type = "application/merge-patch+json";
    pending_ =
        client_.Send(std::move(request), [this](const Outcome<std::string>&) { EndRelease(); });
  });
}

void Elector::EndRelease() {
  is_released_ = true;
  timer_.reset();
  if (const auto done = std::exchange(released_, nullptr)) {
    done();
  }
}

}  // namespace scaler::kubernetes::leadership
