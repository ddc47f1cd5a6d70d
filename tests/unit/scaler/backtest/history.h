#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scaler/backtest/course.h"
#include "scaler/backtest/rule.h"
#include "scaler/backtest/series.h"
#include "scaler/policy/read.h"

namespace scaler::backtest {

/// A series of minutes, in requests per second.
inline Series Minutes(std::vector<double> rates) {
  Series series;
  series.name = "shop";
  series.begin = Time(std::chrono::hours(24 * 365 * 40));
  series.rates = std::move(rates);
  return series;
}

/// 100 requests/s a replica, demand known at once.
inline World PromptWorld() {
  World world;
  world.metric_delay = {};
  return world;
}

/// Exactly what the demand of `rate` needs, at 100 requests/s a replica.
class NeedRule final : public Rule {
 public:
  explicit NeedRule(const World& world, int begin) : world_(world), begin_(begin) {}

  [[nodiscard]] Duration Delay() const override { return world_.metric_delay; }
  [[nodiscard]] int Begin(double /*rate*/) override { return begin_; }
  [[nodiscard]] Answer Decide(const Look& look) override {
    return {static_cast<int>((look.rate + 99.999) / 100), Time::max()};
  }

 private:
  World world_;
  int begin_;
};

/// Another rule, asked at every step.
class EveryStep final : public Rule {
 public:
  explicit EveryStep(Rule& rule) : rule_(rule) {}

  [[nodiscard]] Duration Delay() const override { return rule_.Delay(); }
  [[nodiscard]] int Begin(double rate) override { return rule_.Begin(rate); }
  [[nodiscard]] Answer Decide(const Look& look) override {
    return {rule_.Decide(look).replicas, look.now};
  }

 private:
  Rule& rule_;
};

/// The first policy of a text that begins below `spec:`.
inline policy::ScalingPolicy PolicyWith(const std::string& spec) {
  common::yaml::Problems problems("test.yaml");
  const auto documents = policy::ReadText(
      "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shops}\nspec:\n"
      "  target: {selector: {matchLabels: {app: shop}}}\n" +
          spec,
      problems);
  EXPECT_TRUE(problems.Empty()) << problems.AsError().what;
  return documents.policies.empty() ? policy::ScalingPolicy() : documents.policies.front();
}

}  // namespace scaler::backtest
