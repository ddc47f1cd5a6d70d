#include "simulation/fake_platform.h"

#include <algorithm>
#include <utility>

namespace simulation {

using scaler::platform::Phase;
using scaler::platform::Replica;
using scaler::platform::Workload;
using scaler::platform::WorkloadId;

FakePlatform::FakePlatform(common::Executor& executor, std::uint32_t seed,
                           std::chrono::milliseconds fastest, std::chrono::milliseconds slowest)
    : executor_(executor),
      random_(seed),
      start_ms_(static_cast<int>(fastest.count()), static_cast<int>(slowest.count())) {}

void FakePlatform::AddWorkload(const std::string& name, int replicas,
                               const std::map<std::string, std::string>& labels) {
  auto& fake = fakes_[name];
  fake.workload.id = WorkloadId{"local", name};
  fake.workload.labels = labels;
  fake.workload.labels.emplace("app.kubernetes.io/part-of", "shop");
  fake.workload.cpu_request_cores = 0.1;
  fake.workload.desired = replicas;
  for (int number = 0; number < replicas; ++number) {
    StartOne(fake);
  }
}

scaler::platform::Workloads FakePlatform::List() const {
  scaler::platform::Workloads all;
  for (const auto& [name, fake] : fakes_) {
    all.push_back(std::make_shared<const Workload>(fake.workload));
  }
  return all;
}

void FakePlatform::Scale(const WorkloadId& workload, int replicas,
                         std::function<void(common::Result<void>)> done) {
  if (refuse_) {
    done(common::Fail(std::errc::connection_refused, "the platform is down"));
    return;
  }
  ++scalings_;
  auto& fake = fakes_.at(workload.name);
  fake.workload.desired = replicas;
  auto& all = fake.workload.replicas;
  while (static_cast<int>(all.size()) > replicas) {
    all.pop_back();
  }
  while (static_cast<int>(all.size()) < replicas) {
    StartOne(fake);
  }
  done({});
}

int FakePlatform::Desired(const std::string& name) const {
  return fakes_.at(name).workload.desired;
}

int FakePlatform::Ready(const std::string& name) const {
  const auto& all = fakes_.at(name).workload.replicas;
  return static_cast<int>(std::count_if(all.begin(), all.end(), [](const Replica& replica) {
    return replica.phase == Phase::kReady;
  }));
}

void FakePlatform::EndInsteadOfServing(const std::string& name, scaler::engine::Pod::End how) {
  auto& fake = fakes_.at(name);
  fake.ends = how;
  for (auto& replica : fake.workload.replicas) {
    if (replica.phase == Phase::kReady) {
      End(fake, replica);
    }
  }
}

void FakePlatform::StartOne(Fake& fake) {
  const auto id = fake.workload.id.name + "-" + std::to_string(fake.next_replica++);
  Replica fresh;
  fresh.id = id;
  fresh.since = executor_.Wall();
  fresh.created = executor_.Monotonic();
  fake.workload.replicas.push_back(std::move(fresh));
  ReadyLater(fake, id);
}

void FakePlatform::ReadyLater(Fake& fake, const std::string& id) {
  Later(fake, id, std::chrono::milliseconds(start_ms_(random_)), [this, &fake](Replica& replica) {
    if (fake.ends) {
      End(fake, replica);
    } else {
      replica.phase = Phase::kReady;
    }
  });
}

void FakePlatform::End(Fake& fake, Replica& replica) {
  replica.phase = Phase::kBackOff;
  ++replica.restarts;
  replica.last_end = scaler::platform::End{*fake.ends, executor_.Monotonic()};
  Later(fake, replica.id, std::chrono::seconds(10), [this, &fake](Replica& again) {
    again.phase = Phase::kStarting;
    ReadyLater(fake, again.id);
  });
}

void FakePlatform::Later(Fake& fake, const std::string& id, std::chrono::milliseconds delay,
                         std::function<void(Replica&)> change) {
  fake.timers.push_back(executor_.After(delay, [this, &fake, id, change = std::move(change)] {
    auto& all = fake.workload.replicas;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Replica& replica) { return replica.id == id; });
    if (found != all.end()) {
      change(*found);
      changed_();
    }
  }));
}

}  // namespace simulation
