#include "scaler/codec/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/file_system.h"

namespace scaler::codec {
namespace {

using std::chrono::seconds;

engine::Policy AnyPolicy() {
  engine::Policy policy;
  policy.name = "local/\"sh\xC3\xB6ps\"";
  policy.replicas = {.min = 0, .max = *rc::gen::inRange(1, 50)};
  policy.signals.requests = engine::RequestsSignal{*rc::gen::inRange(1, 1000) / 7.0};
  if (*rc::gen::arbitrary<bool>()) {
    policy.signals.cpu = engine::UtilizationSignal{0.7};
  }
  if (*rc::gen::arbitrary<bool>()) {
    policy.idle = engine::Idle{seconds(*rc::gen::inRange(0, 100))};
  }
  policy.behavior.scale_down.stabilization_window = seconds(*rc::gen::inRange(0, 100));
  policy.behavior.scale_up.limits = {
      {engine::RateLimit::Kind::kPercent, *rc::gen::inRange(1, 200), seconds(15)}};
  policy.mode =
      *rc::gen::element(engine::Mode::kActive, engine::Mode::kDryRun, engine::Mode::kPaused);
  return policy;
}

engine::Observation AnyObservation(engine::Time now, int desired) {
  engine::Observation observation;
  observation.now = now;
  observation.desired_replicas = desired;
  observation.ready_replicas = desired;
  if (*rc::gen::inRange(0, 10) > 0) {
    const double rate = *rc::gen::inRange(0, 10'000) / 3.0;
    observation.demand = engine::Sampled<engine::Demand>{{rate, 0, 0}, now};
  }
  if (*rc::gen::arbitrary<bool>()) {
    engine::Pod pod;
    pod.name = "shop-1";
    pod.ready = *rc::gen::arbitrary<bool>();
    pod.started = now;
    pod.cpu_request_cores = 0.1;
    pod.cpu_cores = engine::Sampled<double>{*rc::gen::inRange(0, 500) / 300.0, now};
    observation.pods = {pod};
  }
  return observation;
}

RC_GTEST_PROP(Codec, ALineReadsBackWholeAndReplaysByteForByte, ()) {
  const auto policy = AnyPolicy();
  engine::State state;
  engine::Time now(seconds(1'700'000'000));
  int desired = 0;
  for (int step_number = 0; step_number < 20; ++step_number) {
    now += seconds(*rc::gen::inRange(0, 20));
    const auto observation = AnyObservation(now, desired);
    auto step = engine::Decide(policy, state, observation);
    const Line line{"local/shop", policy, state, observation, step.decision};
    const auto read = DecodeLine(EncodeLine(line));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == line);
    RC_ASSERT(EncodeLine(*read) == EncodeLine(line));
    RC_ASSERT(Replays(*read));
    RC_ASSERT(DecodeState(EncodeState(step.state)).value() == step.state);
    state = step.state;
    desired = step.decision.outcome == engine::Outcome::kScaled ? step.decision.desired : desired;
  }
}

TEST(Codec, ALineThatWasTamperedWithDoesNotReplay) {
  Line line;
  line.policy.signals.requests = engine::RequestsSignal{10};
  line.observation.demand = engine::Sampled<engine::Demand>{{25, 0, 0}, {}};
  line.decision = engine::Decide(line.policy, line.state, line.observation).decision;
  EXPECT_TRUE(Replays(line));
  line.decision.desired += 1;
  EXPECT_FALSE(Replays(line));
}

TEST(Codec, SaysWhereALineIsWrong) {
  EXPECT_EQ(DecodeLine("{").error().code, std::errc::bad_message);
  EXPECT_EQ(DecodeLine("[]").error().what, "line: has no version");
  EXPECT_EQ(DecodeLine(R"({"v":1})").error().code, std::errc::not_supported);
  auto text = EncodeLine(Line{});
  text.replace(text.find("\"min\":1"), 7, "\"min\":\"\"");
  EXPECT_EQ(DecodeLine(text).error().what, "line.policy.replicas.min: expected a whole number");
}

/// What an older version of this program wrote into a ledger.
TEST(Codec, AStateOfAnOlderVersionKeepsWhatItKnew) {
  const auto text = common::FileSystem(FIXTURES_DIR).Read("state/before_usual_moves.json");
  ASSERT_TRUE(text.has_value());
  const auto state = DecodeState(*text);
  ASSERT_TRUE(state.has_value()) << state.error().what;
  ASSERT_TRUE(state->demand.has_value());
  EXPECT_EQ(state->demand->levels.size(), 1U);
  EXPECT_EQ(state->demand->errors.trials.size(), 120U);
  EXPECT_EQ(state->highest.front().replicas, 5);
  // What it did not know begins anew.
  EXPECT_TRUE(state->reversals.empty());
  EXPECT_EQ(state->demand->errors.usual_move, 0);
  EXPECT_TRUE(state->demand->seasons.empty());
  EXPECT_EQ(DecodeState(EncodeState(*state)).value(), *state);
}

TEST(Codec, AStateThatIsNoneIsRefusedWithWhatIsWrong) {
  EXPECT_EQ(DecodeState("[]").error().what, "state: expected an object");
  EXPECT_EQ(DecodeState(R"({"last_direction": "up"})").error().what,
            "state.last_direction: expected a whole number");
}

}  // namespace
}  // namespace scaler::codec
