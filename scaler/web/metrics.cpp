#include "scaler/web/metrics.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "common/version.h"
#include "scaler/web/capacity_metrics.h"
#include "scaler/web/family.h"

namespace scaler::web {
namespace {

using exporters::FamilySink;
using prometheus::MetricFamily;
using prometheus::MetricType;

Labels LabelsOf(const loop::WorkloadStatus& status, const char* name, const std::string& value) {
  return {{"namespace", status.workload->id.name_space},
          {"workload", status.workload->id.name},
          {name, value}};
}

double Seconds(common::MonotonicTime earlier, common::MonotonicTime later) {
  return std::chrono::duration<double>(later - earlier).count();
}

MetricFamily Replicas(const loop::Status& status, const FamilySink& sink) {
  Family family("trimtab_workload_replicas",
                "Replicas of a workload: ready to serve, desired of the platform, wanted by the "
                "newest decision, and what an HPA with the same signals would have (hpa).",
                MetricType::Gauge, &sink);
  for (const auto& workload : status.workloads) {
    const auto& replicas = workload.workload->replicas;
    const auto ready = std::count_if(replicas.begin(), replicas.end(), [](const auto& replica) {
      return replica.phase == platform::Phase::kReady;
    });
    family.Add(LabelsOf(workload, "kind", "ready"), static_cast<double>(ready));
    family.Add(LabelsOf(workload, "kind", "desired"), workload.workload->desired);
    if (workload.decision) {
      family.Add(LabelsOf(workload, "kind", "wanted"), workload.decision->desired);
    }
    if (workload.decision && workload.decision->hpa) {
      family.Add(LabelsOf(workload, "kind", "hpa"), *workload.decision->hpa);
    }
  }
  return family.Take();
}

/// On one machine a replica has one container, which bears the workload's name.
MetricFamily MemoryAdvised(const loop::Status& status, const FamilySink& sink) {
  Family family("trimtab_container_memory_limit_recommended_bytes",
                "The memory limit that a workload's containers should have after one of them ran "
                "out of memory; absent where none did lately.",
                MetricType::Gauge, &sink);
  for (const auto& workload : status.workloads) {
    if (workload.decision && workload.decision->memory) {
      family.Add(LabelsOf(workload, "container", workload.workload->id.name),
                 workload.decision->memory->limit_bytes);
    }
  }
  return family.Take();
}

MetricFamily Clamped(const loop::Status& status, const FamilySink& sink) {
  Family family("trimtab_workload_clamped",
                "1 for each rule that changed the number of the newest decision.",
                MetricType::Gauge, &sink);
  for (const auto& workload : status.workloads) {
    if (!workload.decision) {
      continue;
    }
    for (const auto& clamp : workload.decision->clamps) {
      family.Add(LabelsOf(workload, "rule", std::string(engine::RuleName(clamp.rule))), 1);
    }
  }
  return family.Take();
}

MetricFamily GroupReplicas(const loop::Status& status) {
  Family family("trimtab_group_replicas",
                "Replicas of all members of a ScalingGroup: wanted by them, granted within the "
                "cap, and the cap.",
                MetricType::Gauge);
  for (const auto& each : status.groups) {
    family.Add({{"group", each.group.name}, {"kind", "wanted"}}, each.wanted);
    family.Add({{"group", each.group.name}, {"kind", "granted"}}, each.granted);
    if (each.group.max_replicas) {
      family.Add({{"group", each.group.name}, {"kind", "cap"}}, *each.group.max_replicas);
    }
  }
  return family.Take();
}

MetricFamily GroupCpu(const loop::Status& status) {
  Family family("trimtab_group_cpu_cores",
                "Cores that the replicas of a ScalingGroup request: of those that are granted, "
                "and the cap.",
                MetricType::Gauge);
  for (const auto& each : status.groups) {
    family.Add({{"group", each.group.name}, {"kind", "granted"}}, each.cpu_cores);
    if (each.group.max_cpu_cores) {
      family.Add({{"group", each.group.name}, {"kind", "cap"}}, *each.group.max_cpu_cores);
    }
  }
  return family.Take();
}

/// On one machine a replica has one container, which bears the workload's name.
MetricFamily Waiting(const loop::Status& status, const FamilySink& sink) {
  Family family("trimtab_container_waiting",
                "Containers that wait to be started again after they ended, by reason.",
                MetricType::Gauge, &sink);
  for (const auto& workload : status.workloads) {
    const auto& replicas = workload.workload->replicas;
    auto labels = LabelsOf(workload, "container", workload.workload->id.name);
    labels.push_back({"reason", "back_off"});
    family.Add(std::move(labels), static_cast<double>(std::count_if(
                                      replicas.begin(), replicas.end(), [](const auto& replica) {
                                        return replica.phase == platform::Phase::kBackOff;
                                      })));
  }
  return family.Take();
}

MetricFamily Decisions(const loop::Status& status) {
  Family family("trimtab_decisions_total",
                "Decisions that differ from the one before, by outcome and direction.",
                MetricType::Counter);
  for (const auto& [outcome, direction] : {std::pair{"scaled", "up"},
                                           {"scaled", "down"},
                                           {"kept", "none"},
                                           {"held", "none"},
                                           {"dry_run", "up"},
                                           {"dry_run", "down"}}) {
    const auto found = status.counters.decisions.find({outcome, direction});
    family.Add({{"outcome", outcome}, {"direction", direction}},
               found == status.counters.decisions.end() ? 0 : static_cast<double>(found->second));
  }
  return family.Take();
}

MetricFamily Actions(const loop::Status& status) {
  Family family("trimtab_actions_total", "Wishes that the platform was told, by result.",
                MetricType::Counter);
  for (const auto* result : {"ok", "failed"}) {
    const auto found = status.counters.actions.find(result);
    family.Add({{"action", "scale"}, {"result", result}},
               found == status.counters.actions.end() ? 0 : static_cast<double>(found->second));
  }
  return family.Take();
}

MetricFamily InputAge(const loop::Status& status, common::MonotonicTime now) {
  Family family(
      "trimtab_input_age_seconds",
      "Seconds since the last word of an agent, or of the Prometheus that answers external "
      "signals; +Inf before its first.",
      MetricType::Gauge);
  for (const auto& agent : status.agents) {
    family.Add({{"source", agent.address}}, agent.heard_at
                                                ? Seconds(*agent.heard_at, now)
                                                : std::numeric_limits<double>::infinity());
  }
  if (status.external && status.external->queries > 0) {
    family.Add({{"source", status.external->source}},
               status.external->answered_at ? Seconds(*status.external->answered_at, now)
                                            : std::numeric_limits<double>::infinity());
  }
  return family.Take();
}

MetricFamily ExternalQueries(const loop::Status& status) {
  Family family("trimtab_external_queries",
                "Queries of external signals: all, and those whose last question failed.",
                MetricType::Gauge);
  if (status.external) {
    family.Add({{"kind", "wanted"}}, static_cast<double>(status.external->queries));
    family.Add({{"kind", "failing"}}, static_cast<double>(status.external->failing));
  }
  return family.Take();
}

MetricFamily ExternalAnswers(const loop::Status& status) {
  Family family("trimtab_external_answers_total",
                "Questions to Prometheus for external signals, by whether they gave a number.",
                MetricType::Counter);
  if (status.external) {
    family.Add({{"result", "ok"}}, static_cast<double>(status.external->ok_total));
    family.Add({{"result", "failed"}}, static_cast<double>(status.external->failed_total));
  }
  return family.Take();
}

MetricFamily PolicyProblems(const loop::Status& status, const FamilySink& sink) {
  Family family("trimtab_policy_problems",
                "Problems by policy; refused: a file (its name is the label) is not in force as it "
                "is written; ineffective: a policy does not do all that it says, or matches no "
                "workload.",
                MetricType::Gauge, &sink);
  for (const auto& [key, count] : *status.policy_problems) {
    family.Add({{"policy", key.policy}, {"kind", key.kind}}, static_cast<double>(count));
  }
  return family.Take();
}

}  // namespace

void TellFamilies(const loop::Status& status, common::MonotonicTime now, const FamilySink& sink) {
  sink(One("trimtab_scaler_info", "1, with the version of the scaler.", MetricType::Gauge, 1,
           {{"version", common::kVersion}}));
  sink(Replicas(status, sink));
  sink(Waiting(status, sink));
  sink(MemoryAdvised(status, sink));
  sink(Clamped(status, sink));
  sink(GroupReplicas(status));
  sink(GroupCpu(status));
  sink(Decisions(status));
  sink(One("trimtab_evaluations_total", "Decisions made, the same as the one before or not.",
           MetricType::Counter, static_cast<double>(status.counters.evaluations)));
  sink(Actions(status));
  sink(InputAge(status, now));
  sink(ExternalQueries(status));
  sink(ExternalAnswers(status));
  sink(One("trimtab_decision_age_seconds",
           "Seconds since the loop last decided for its workloads, changed or not.",
           MetricType::Gauge, Seconds(status.monotonic, now)));
  sink(PolicyProblems(status, sink));
  sink(One("trimtab_state_problems", "Stored states of workloads that could not be read.",
           MetricType::Gauge, static_cast<double>(status.state_problems)));
  sink(One("trimtab_frozen", "1 while the stop switch is on and nothing is written.",
           MetricType::Gauge, status.freeze ? 1 : 0));
  sink(One("trimtab_ledger_failures_total", "Commits of decisions that failed.",
           MetricType::Counter, static_cast<double>(status.counters.ledger_failures)));
  if (status.leadership) {
    sink(One("trimtab_leader", "1 on the scaler that acts, 0 on one that follows in shadow.",
             MetricType::Gauge, status.leadership->leads ? 1 : 0));
    sink(One("trimtab_leader_transitions", "How often the lease of the scalers has changed hands.",
             MetricType::Gauge, status.leadership->transitions));
  }
  if (status.fleet) {
    for (auto& family : CapacityFamilies(*status.fleet)) {
      sink(std::move(family));
    }
  }
}

}  // namespace scaler::web
