#include "scaler/kubernetes/leadership/succession.h"

#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::leadership {
namespace {

/// To write the last states down may take so long; then the lease is given back without.
constexpr auto kFlushWithin = std::chrono::seconds(5);

}  // namespace

Succession::Succession(common::Executor& executor, common::kubernetes::Client& client,
                       ElectorOptions elector, CheckpointOptions checkpoint, LeaseClock clock)
    : executor_(executor),
      client_(client),
      options_(checkpoint),
      elector_(
          executor, client, std::move(elector), [this] { OnElection(); }, std::move(clock)),
      checkpoint_(executor, client, std::move(checkpoint)) {}

loop::Leadership Succession::View() {
  return {[this] { return Leads(); },
          [this] {
            loop::LeadershipStatus status;
            status.leads = Leads();
            status.self = elector_.Identity();
            status.leader = elector_.Holder();
            status.transitions = elector_.Transitions();
            status.problem = elector_.Problem();
            return status;
          }};
}

void Succession::Start(loop::Loop& loop) {
  loop_ = &loop;
  checkpoint_.Read(loop.Now(), [this](loop::Legacy legacy) {
    loop_->Adopt(std::move(legacy));
    Follow();
    elector_.Start();
  });
}

void Succession::OnElection() {
  const bool has_lease = elector_.Leads();
  if (has_lease && phase_ == Phase::kFollows) {
    phase_ = Phase::kRestores;
    watch_.reset();
    checkpoint_.Read(loop_->Now(), [this](loop::Legacy legacy) {
      if (phase_ == Phase::kRestores) {
        loop_->Adopt(std::move(legacy));
        Lead();
      }
    });
  }
  if (!has_lease && (phase_ == Phase::kRestores || phase_ == Phase::kLeads)) {
    checkpoint_.Stop();
    Follow();
  }
  if (loop_ != nullptr) {
    loop_->Wake();
  }
}

void Succession::Follow() {
  phase_ = Phase::kFollows;
  watch_ = std::make_unique<CheckpointWatch>(
      executor_, client_, options_, [this] { return loop_->Now(); },
      [this](const CheckpointWatch::Workloads& news) { loop_->Follow(news); });
  watch_->Start();
}

void Succession::Lead() {
  phase_ = Phase::kLeads;
  checkpoint_.Start(*loop_);
  loop_->Wake();
}

void Succession::Stop(std::function<void()> done) {
  const bool led = Leads();
  phase_ = Phase::kEnds;
  watch_.reset();
  stopped_ = std::move(done);
  const auto release = [this] {
    if (!patience_) {
      return;  // It took too long, and the lease is given back already.
    }
    patience_.reset();
    checkpoint_.Stop();
    loop_ = nullptr;
    elector_.Release([this] {
      if (const auto stopped = std::exchange(stopped_, nullptr)) {
        stopped();
      }
    });
  };
  patience_ = executor_.After(kFlushWithin, release);
  if (led) {
    checkpoint_.Flush(release);
  } else {
    release();
  }
}

}  // namespace scaler::kubernetes::leadership
