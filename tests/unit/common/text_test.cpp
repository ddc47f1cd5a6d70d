#include "common/text.h"

#include <gtest/gtest.h>

#include "common/clock.h"
#include "common/json_writer.h"
#include "common/rfc3339.h"

namespace common {
namespace {

using std::chrono::milliseconds;

TEST(Text, DurationsAreReadAsGoWritesThem) {
  EXPECT_EQ(ParseDuration("1m30s").value(), milliseconds(90'000));
  EXPECT_EQ(ParseDuration("250ms").value(), milliseconds(250));
  EXPECT_EQ(ParseDuration("1.5h").value(), milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("0").value(), milliseconds(0));
}

TEST(Text, DurationsWithoutUnitOrSenseAreRefused) {
  for (const auto* text : {"", "10", "-1s", "1x", "1s2", "s", "99999999999h", "1e3s"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(Text, DurationsAreWrittenShort) {
  EXPECT_EQ(FormatDuration(milliseconds(90'000)), "1m30s");
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(milliseconds(3'600'250)), "1h250ms");
}

TEST(Text, QuantitiesAreReadAsKubernetesWritesThem) {
  EXPECT_DOUBLE_EQ(ParseQuantity("500m").value(), 0.5);
  EXPECT_DOUBLE_EQ(ParseQuantity("2Gi").value(), 2147483648.0);
  EXPECT_DOUBLE_EQ(ParseQuantity("1.5k").value(), 1500.0);
  EXPECT_FALSE(ParseQuantity("2GB"));
  EXPECT_FALSE(ParseQuantity("-1"));
}

TEST(Text, RatesAreReadPerSecond) {
  EXPECT_DOUBLE_EQ(ParseRate("20/s").value(), 20.0);
  EXPECT_DOUBLE_EQ(ParseRate("600/m").value(), 10.0);
  EXPECT_FALSE(ParseRate("20"));
  EXPECT_FALSE(ParseRate("20/d"));
}

TEST(Text, PercentsAreReadAsShares) {
  EXPECT_DOUBLE_EQ(ParsePercent("70%").value(), 0.7);
  EXPECT_FALSE(ParsePercent("0.7"));
}

TEST(Text, NumbersTakeNothingBesideThem) {
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), 18446744073709551615ULL);
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_EQ(ParseUnsigned(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDouble("inf"), std::nullopt);
  EXPECT_EQ(ParseDouble("nan"), std::nullopt);
}

TEST(Text, JsonStringsSurviveHostileBytes) {
  EXPECT_EQ(QuoteJson("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(QuoteJson("\xFF\xC3\xA4"), "\"\xEF\xBF\xBD\xC3\xA4\"");
  EXPECT_EQ(QuoteJson("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Text, TimesAreWrittenInUtc) {
  EXPECT_EQ(FormatRfc3339(WallTime(milliseconds(1'790'000'000'042))), "2026-09-21T14:13:20.042Z");
}

TEST(Text, TimesAreReadAsOthersWriteThem) {
  const WallTime time(milliseconds(1'790'000'000'042));
  EXPECT_EQ(ParseRfc3339("2026-09-21T14:13:20.042Z"), time);
  EXPECT_EQ(ParseRfc3339("2026-09-21T14:13:20.042999Z"), time);
  EXPECT_EQ(ParseRfc3339("2026-09-21T16:43:20.042+02:30"), time);
  EXPECT_EQ(ParseRfc3339("2026-09-21T14:13:20Z"), time - milliseconds(42));
  EXPECT_EQ(ParseRfc3339(FormatRfc3339(time)), time);
  for (const auto* bad :
       {"", "2026-09-21", "2026-09-21T14:13:20", "2026-02-30T14:13:20Z", "2026-09-21T24:13:20Z",
        "2026-09-21T14:13:20.Z", "2026-09-21T14:13:20Zebra", "2026-09-21 14:13:20Z",
        "2026-09-21T14:13:20+0100", "2026-9-21T14:13:20Z", "-026-09-21T14:13:20Z"}) {
    EXPECT_EQ(ParseRfc3339(bad), std::nullopt) << bad;
  }
}

TEST(Text, JsonIsWrittenWithCommasWhereTheyBelong) {
  JsonWriter json;
  json.BeginObject().Key("a").BeginArray().Integer(1).Double(0.1).BeginObject().EndObject();
  json.EndArray().Key("b").Bool(true).Key("c").Double(1.0 / 0.0).Key("d").String(":{[").Key("e");
  json.Null().EndObject();
  EXPECT_EQ(json.Take(), R"({"a":[1,0.1,{}],"b":true,"c":null,"d":":{[","e":null})");
}

TEST(Text, ASlipOfTheKeyboardFindsItsWord) {
  const std::vector<std::string> keys = {"replicas", "signals", "idle"};
  EXPECT_EQ(NearestWord("replcas", keys), "replicas");
  EXPECT_EQ(NearestWord("Signals", keys), "signals");
  EXPECT_EQ(NearestWord("paused", keys), std::nullopt);
}

TEST(Text, WordsAndLinesAreTakenFromTheHead) {
  std::string_view text = "a  b\nc";
  std::string_view line = TakeLine(text);
  EXPECT_EQ(TakeWord(line), "a");
  EXPECT_EQ(TakeWord(line), "b");
  EXPECT_EQ(TakeWord(line), "");
  EXPECT_EQ(TakeLine(text), "c");
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace common
