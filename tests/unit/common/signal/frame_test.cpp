#include "common/signal/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace common::signal {
namespace {

using ::testing::HasSubstr;

Frame Example() {
  Frame frame;
  frame.agent = "local-1";
  frame.epoch = 1'700'000'000'000;
  frame.sequence = 7;
  frame.full = true;
  frame.sampled_at = WallTime(std::chrono::milliseconds(1'700'000'123'456));
  frame.tenants = {{.tenant = "shop-01",
                    .arrivals_total = 12,
                    .completions_total = 10,
                    .errors_total = 1,
                    .in_flight = 2,
                    .queued = 0,
                    .latency = LatencyCounts{0, 1, 2, 3, 4}},
                   {.tenant = "no-proxy", .completions_total = 3}};
  frame.containers = {{.name_space = "local",
                       .workload = "shop-01",
                       .replica = "shop-01-3",
                       .attempt = 2,
                       .cpu_seconds_total = 1.25,
                       .memory_working_set_bytes = 4096,
                       .memory_limit_bytes = 8192,
                       .oom_kills_total = 1}};
  frame.gone_containers = {"shop-01-2/0"};
  frame.node = NodeSignal{"local-1",
                          "a",
                          "shops-spot",
                          {{"spot", WallTime(std::chrono::milliseconds(1'700'000'200'000)), 76'544},
                           {"rebalance", WallTime(std::chrono::milliseconds(0)), -5}}};
  return frame;
}

std::string WithLength(std::string_view body) {
  std::string bytes(4, '\0');
  for (std::size_t index = 0; index < 4; ++index) {
    bytes[index] = static_cast<char>(body.size() >> 8U * (3 - index) & 0xFFU);
  }
  return bytes.append(body);
}

Result<std::optional<Frame>> DecodeOne(std::string_view bytes) {
  Decoder decoder;
  decoder.Append(bytes);
  return decoder.Next();
}

TEST(SignalFrame, ANodeOfAnotherVersionIsLeftOut) {
  auto bytes = Encode(Example());
  const auto at = bytes.find("\"node\":{\"v\":1");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 12] = '2';
  const auto frame = DecodeOne(bytes);
  ASSERT_TRUE(frame) << frame.error().what;
  EXPECT_FALSE((*frame)->node);
  EXPECT_EQ((*frame)->agent, "local-1");
}

TEST(SignalFrame, ANodeThatMakesNoSenseIsAnError) {
  for (const auto* node :
       {"3", "{}", R"({"v":1})", R"({"v":1,"name":"n","zone":"","pool":"","notices":3})",
        R"({"v":1,"name":"n","zone":"","pool":"","notices":[{"kind":"spot"}]})"}) {
    const auto text = R"({"v":1,"agent":"a","epoch":1,"seq":1,"full":true,"at":0,"node":)" +
                      std::string(node) + "}";
    EXPECT_FALSE(DecodeOne(WithLength(text))) << node;
  }
}

TEST(SignalFrame, RoundTrips) {
  const auto frame = DecodeOne(Encode(Example()));

  ASSERT_TRUE(frame) << frame.error().what;
  ASSERT_TRUE(frame->has_value());
  EXPECT_EQ(**frame, Example());
}

TEST(SignalFrame, LooksLikeThisOnTheWire) {
  Frame frame = Example();
  frame.tenants.pop_back();

  EXPECT_EQ(
      Encode(frame).substr(4),
      R"({"v":1,"agent":"local-1","epoch":1700000000000,"seq":7,"full":true,)"
      R"("at":1700000123456,"tenants":[{"tenant":"shop-01","completions":10,"errors":1,)"
      R"("arrivals":12,"inFlight":2,"queued":0,"latency":[0,1,2,3,4,0,0,0,0]}],"containers":[{"ns":"local",)"
      R"("workload":"shop-01","replica":"shop-01-3","attempt":2,"cpuNanos":1250000000,"ws":4096,)"
      R"("oom":1,"limit":8192}],"gone":["shop-01-2/0"],)"
      R"("node":{"v":1,"name":"local-1","zone":"a","pool":"shops-spot","notices":[)"
      R"({"kind":"spot","at":1700000200000,"leftMs":76544},)"
      R"({"kind":"rebalance","at":0,"leftMs":-5}]}})");
}

TEST(SignalFrame, OtherBucketsThanOursSayNothing) {
  auto text = Encode(Example()).substr(4);
  const std::string ours = "[0,1,2,3,4,0,0,0,0]";
  const auto at = text.find(ours);
  text.replace(at, ours.size(), "[0,1,2]");
  const auto other = DecodeOne(WithLength(text));
  ASSERT_TRUE(other) << other.error().what;
  EXPECT_EQ((**other).tenants.front().latency, std::nullopt);
  text.replace(text.find("[0,1,2]"), 7, "[0,-1]");
  EXPECT_EQ(DecodeOne(WithLength(text)).error().what,
            "signal frame: 'latency' must be a list of numbers in range");
}

TEST(SignalFrame, NamesAContainerByReplicaAndAttempt) {
  EXPECT_EQ(ContainerKey(Example().containers[0]), "local/shop-01-3/2");
}

TEST(SignalFrame, WaitsForMoreBytes) {
  const auto bytes = Encode(Example());

  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, bytes.size() - 1}) {
    const auto frame = DecodeOne(std::string_view(bytes).substr(0, size));
    ASSERT_TRUE(frame) << frame.error().what;
    EXPECT_FALSE(frame->has_value()) << size;
  }
}

TEST(SignalFrame, NamesThatAreNotUtf8AreMadeSo) {
  Frame frame;
  frame.agent = "a\xFF";

  const auto decoded = DecodeOne(Encode(frame));

  ASSERT_TRUE(decoded) << decoded.error().what;
  EXPECT_EQ((*decoded)->agent, "a\xEF\xBF\xBD");
}

TEST(SignalFrame, CpuTimeThatIsNoNumberTravelsAsZero) {
  Frame frame;
  frame.containers.resize(2);
  frame.containers[0].cpu_seconds_total = std::nan("");
  frame.containers[1].cpu_seconds_total = -1;

  const auto decoded = DecodeOne(Encode(frame));

  ASSERT_TRUE(decoded) << decoded.error().what;
  EXPECT_EQ((*decoded)->containers[0].cpu_seconds_total, 0);
  EXPECT_EQ((*decoded)->containers[1].cpu_seconds_total, 0);
}

TEST(SignalFrame, IgnoresUnknownKeys) {
  const auto frame = DecodeOne(WithLength(
      R"({"v":1,"agent":"a","epoch":1,"seq":2,"full":false,"at":3,"new":[{"deep":null}]})"));

  ASSERT_TRUE(frame) << frame.error().what;
  EXPECT_EQ((*frame)->sequence, 2U);
}

TEST(SignalFrame, RefusesANewerVersionInWordsThatHelp) {
  const auto frame = DecodeOne(WithLength(R"({"v":2,"something":"else"})"));

  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, std::errc::not_supported);
  EXPECT_THAT(frame.error().what, HasSubstr("version 2"));
}

TEST(SignalFrame, RefusesAnAbsurdLengthAtOnce) {
  const auto frame = DecodeOne("HTTP/1.1 404 Not Found\r\n");

  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, std::errc::bad_message);
}

TEST(SignalFrame, ASpentDecoderGoesOnFailing) {
  Decoder decoder;
  decoder.Append(WithLength("[]"));
  ASSERT_FALSE(decoder.Next());
  decoder.Append(Encode(Example()));

  EXPECT_FALSE(decoder.Next());
}

struct BadBody {
  const char* name;
  std::string_view body;
  std::string_view says;

  friend void PrintTo(const BadBody& bad, std::ostream* out) { *out << bad.name; }
};

class BadBodies : public ::testing::TestWithParam<BadBody> {};

TEST_P(BadBodies, AreRefusedAndNamed) {
  const auto frame = DecodeOne(WithLength(GetParam().body));

  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, std::errc::bad_message);
  EXPECT_THAT(frame.error().what, HasSubstr(std::string(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    SignalFrame, BadBodies,
    ::testing::Values(
        BadBody{"Empty", "", "not JSON"}, BadBody{"CutOff", R"({"v":1)", "not JSON"},
        BadBody{"Deep", std::string_view("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), "not JSON"},
        BadBody{"NotAnObject", "7", "not a JSON object"}, BadBody{"NoVersion", "{}", "'v'"},
        BadBody{"VersionAsText", R"({"v":"1"})", "'v'"},
        BadBody{"NegativeEpoch", R"({"v":1,"agent":"a","epoch":-1,"seq":2,"full":false,"at":3})",
                "'epoch'"},
        BadBody{"FractionOfASequence",
                R"({"v":1,"agent":"a","epoch":1,"seq":2.5,"full":false,"at":3})", "'seq'"},
        BadBody{"TenantsNoList",
                R"({"v":1,"agent":"a","epoch":1,"seq":2,"full":false,"at":3,"tenants":{}})",
                "'tenants'"},
        BadBody{"TenantNoObject",
                R"({"v":1,"agent":"a","epoch":1,"seq":2,"full":false,"at":3,"tenants":[1]})",
                "'tenants'"},
        BadBody{"TenantWithoutName",
                R"({"v":1,"agent":"a","epoch":1,"seq":2,"full":false,"at":3,"tenants":[{}]})",
                "'tenant'"},
        BadBody{"GoneNoText",
                R"({"v":1,"agent":"a","epoch":1,"seq":2,"full":false,"at":3,"gone":[1]})",
                "'gone'"}),
    [](const auto& test) { return test.param.name; });

// --- properties ------------------------------------------------------------------------------

rc::Gen<std::string> Name() {
  // Any UTF-8 text is a name; a few non-ASCII and control characters are in on purpose.
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
                          std::vector<std::string>{"a", "Z", "0", "-", "/", "\"", "\\", "\n",
                                                   std::string(1, '\0'), "é", "\xF0\x9F\x9B\xB6"})),
                      [](const std::vector<std::string>& parts) {
                        std::string name;
                        for (const auto& part : parts) {
                          name += part;
                        }
                        return name;
                      });
}

rc::Gen<std::optional<std::uint64_t>> MaybeNumber() {
  return rc::gen::map(rc::gen::maybe(rc::gen::arbitrary<std::uint64_t>()),
                      [](const rc::Maybe<std::uint64_t>& maybe) {
                        return maybe ? std::optional(*maybe) : std::nullopt;
                      });
}

Frame AnyFrame() {
  Frame frame;
  frame.agent = *Name();
  frame.epoch = *rc::gen::arbitrary<std::uint64_t>();
  frame.sequence = *rc::gen::arbitrary<std::uint64_t>();
  frame.full = *rc::gen::arbitrary<bool>();
  frame.sampled_at = WallTime(std::chrono::milliseconds(*rc::gen::arbitrary<std::int32_t>()));
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    frame.tenants.push_back({.tenant = *Name(),
                             .arrivals_total = *MaybeNumber(),
                             .completions_total = *rc::gen::arbitrary<std::uint64_t>(),
                             .errors_total = *rc::gen::arbitrary<std::uint64_t>(),
                             .in_flight = *MaybeNumber(),
                             .queued = *MaybeNumber()});
  }
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    frame.containers.push_back(
        {.name_space = *Name(),
         .workload = *Name(),
         .replica = *Name(),
         .attempt = *rc::gen::arbitrary<std::uint32_t>(),
         .cpu_seconds_total =
             static_cast<double>(*rc::gen::inRange<std::int64_t>(0, 1LL << 50)) / 1e9,
         .memory_working_set_bytes = *rc::gen::arbitrary<std::uint64_t>(),
         .memory_limit_bytes = *MaybeNumber(),
         .oom_kills_total = *rc::gen::arbitrary<std::uint64_t>()});
    frame.gone_containers.push_back(*Name());
  }
  return frame;
}

TEST(SignalFrameProperty, AnyCutOfTheStreamYieldsTheSameFrames) {
  EXPECT_TRUE(rc::check("any cut of the stream yields the same frames", [] {
    std::vector<Frame> frames;
    std::string stream;
    for (int left = *rc::gen::inRange(1, 4); left > 0; --left) {
      frames.push_back(AnyFrame());
      stream += Encode(frames.back());
    }

    Decoder decoder;
    std::vector<Frame> decoded;
    std::string_view rest = stream;
    while (!rest.empty()) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 200);
      decoder.Append(rest.substr(0, size));
      rest.remove_prefix(std::min(size, rest.size()));
      for (;;) {
        auto frame = decoder.Next();
        RC_ASSERT(frame.has_value());
        if (!frame->has_value()) {
          break;
        }
        decoded.push_back(std::move(**frame));
      }
    }

    RC_ASSERT(decoded == frames);
  }));
}

TEST(SignalFrameProperty, RandomBytesNeverCrash) {
  EXPECT_TRUE(rc::check("random bytes never crash", [] {
    const auto body = *rc::gen::arbitrary<std::string>();
    (void)DecodeOne(body);
    (void)DecodeOne(WithLength(body));
  }));
}

TEST(SignalFrameProperty, AFrameWithOneByteChangedNeverCrashes) {
  EXPECT_TRUE(rc::check("a frame with one byte changed never crashes", [] {
    auto bytes = Encode(AnyFrame());
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
    (void)DecodeOne(bytes);
  }));
}

}  // namespace
}  // namespace common::signal
