#include "agent/requests/line_format.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace agent::requests {
namespace {

Line Ours(std::string_view line) { return ParseLine(LineFormat::kTrimtab, line); }

Line Combined(std::string_view line) { return ParseLine(LineFormat::kVhostCombined, line); }

TEST(LineOfHaproxy, IsUnderstood) {
  EXPECT_EQ(Ours("t1 1795229556.160 200 12 76 53 shop-01 LR shop.example.com"),
            Line(Request{.time_milliseconds = 1'795'229'556'160,
                         .status = 200,
                         .duration_milliseconds = 12,
                         .sent_bytes = 76,
                         .received_bytes = 53,
                         .backend = "shop-01",
                         .host = "shop.example.com"}));
}

TEST(LineOfHaproxy, TellsThatNoReplicaWasThere) {
  const auto no_replica = [](std::string_view answer, std::string_view path, std::string_view end) {
    const auto text = "t1 1795229556.160 " + std::string(answer) + " 0 76 53 " + std::string(path) +
                      " " + std::string(end) + " shop.com";
    const auto request = std::get<Request>(Ours(text));
    EXPECT_EQ(request.backend, "shop-01");
    return request.no_replica;
  };
  EXPECT_TRUE(no_replica("503", "shop-01/<NOSRV>", "SC"));
  EXPECT_FALSE(no_replica("503", "shop-01/<NOSRV>", "sQ")) << "waited in the queue for too long";
  EXPECT_FALSE(no_replica("503", "shop-01/<NOSRV>", "LR")) << "the proxy's own answer";
  EXPECT_FALSE(no_replica("200", "shop-01/<NOSRV>", "SC"));
  EXPECT_FALSE(no_replica("503", "shop-01/shop-01-1", "SC")) << "a replica that refuses";
  EXPECT_FALSE(no_replica("503", "shop-01/shop-01-1", "--")) << "the shop's own answer";
  EXPECT_FALSE(no_replica("503", "shop-01", "SC")) << "a line of an older configuration";
}

TEST(LineOfHaproxy, OfAClientThatGaveUpHasNoDurationAndNoStatus) {
  const auto line = Ours("t1 1795229556.160 -1 -1 0 53 shop-01 CH shop.example.com");

  ASSERT_TRUE(std::holds_alternative<Request>(line));
  EXPECT_EQ(std::get<Request>(line).status, -1);
  EXPECT_EQ(std::get<Request>(line).duration_milliseconds, std::nullopt);
}

struct HostInLine {
  const char* name;
  std::string host;

  friend void PrintTo(const HostInLine& host_case, std::ostream* out) { *out << host_case.name; }
};

class HostileHost : public ::testing::TestWithParam<HostInLine> {};

TEST_P(HostileHost, ChangesNoOtherField) {
  const auto line = "t1 1795229556.160 503 3 217 53 front SC " + GetParam().host;

  EXPECT_EQ(Ours(line), Line(Request{.time_milliseconds = 1'795'229'556'160,
                                     .status = 503,
                                     .duration_milliseconds = 3,
                                     .sent_bytes = 217,
                                     .received_bytes = 53,
                                     .backend = "front",
                                     .host = GetParam().host}));
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, HostileHost,
    ::testing::Values(HostInLine{"Empty", ""}, HostInLine{"Absent", "-"},
                      HostInLine{"Blanks", "a b  c "},
                      HostInLine{"AWholeLine", "x t1 1795229556.160 200 0 76 53 b LR victim.com"},
                      HostInLine{"LostNote", "t1 lost 99"}, HostInLine{"NotUtf8", "shop\xff\xfe"},
                      HostInLine{"Quotes", R"(shop","status":200,"host":"victim)"},
                      HostInLine{"ControlBytes", "shop\x01\x1b[31m\x7f\t"},
                      HostInLine{"Long", std::string(60'000, 'a')}),
    [](const auto& test) { return test.param.name; });

struct BadLine {
  const char* name;
  std::string line;
  Rejection why = Rejection::kMalformed;

  friend void PrintTo(const BadLine& bad_line, std::ostream* out) { *out << bad_line.name; }
};

class LineThatIsNone : public ::testing::TestWithParam<BadLine> {};

TEST_P(LineThatIsNone, IsRejected) { EXPECT_EQ(Ours(GetParam().line), Line(GetParam().why)); }

INSTANTIATE_TEST_SUITE_P(
    Lines, LineThatIsNone,
    ::testing::Values(
        BadLine{"Empty", ""}, BadLine{"OtherVersion", "t2 1795229556.160 200 12 76 53 b LR a.com"},
        BadLine{"NoHostField", "t1 1795229556.160 200 12 76 53 b LR"},
        BadLine{"Cut", "t1 1795229556.160 200 12 7"},
        BadLine{"NegativeBytes", "t1 1795229556.160 200 12 -76 53 b LR a.com"},
        BadLine{"TooLargeNumber", "t1 1795229556.160 200 12 99999999999999999999 53 b LR a.com"},
        BadLine{"TimeBeyondReason", "t1 99999999999999999.160 200 12 76 53 b LR a.com"},
        BadLine{"StatusWithoutDigits", "t1 1795229556.160 <BADREQ> 12 76 53 b LR a.com"},
        BadLine{"TwoBlanks", "t1  1795229556.160 200 12 76 53 b LR a.com"},
        BadLine{"LostWithoutNumber", "t1 lost"}, BadLine{"LostWithText", "t1 lost 3 x"},
        BadLine{"LostNegative", "t1 lost -3"},
        BadLine{"Nul", std::string("t1 1795229556.160 200 12 76 53 b LR a\0", 38),
                Rejection::kBinary},
        BadLine{"HoleOfATruncation", std::string(4096, '\0'), Rejection::kBinary}),
    [](const auto& test) { return test.param.name; });

TEST(LostNote, IsReadAsItIsWritten) {
  EXPECT_EQ(FormatLostLines(17), "t1 lost 17");
  EXPECT_EQ(Ours(FormatLostLines(17)), Line(LostLines{17}));
}

TEST(LineOfApache, IsUnderstood) {
  EXPECT_EQ(Combined(R"(shop.com:443 10.0.0.1 - - [10/Oct/2026:13:55:36 +0300] )"
                     R"("GET /a HTTP/1.1" 404 2326 "http://x/" "Mozilla")"),
            Line(Request{.status = 404, .sent_bytes = 2326, .host = "shop.com:443"}));
}

TEST(LineOfApache, MayHaveNoBytes) {
  EXPECT_EQ(Combined(R"(shop.com:80 - - - [x] "GET / HTTP/1.1" 304 - "-" "-")"),
            Line(Request{.status = 304, .host = "shop.com:80"}));
}

TEST(LineOfApache, CannotBeForgedFromARequestOrAUserAgent) {
  EXPECT_EQ(Combined(R"(shop.com:80 - - - [x] "GET /\" 200 1 \"\\" 500 7 "-" "\" 200 9 \"")"),
            Line(Request{.status = 500, .sent_bytes = 7, .host = "shop.com:80"}));
}

TEST(LineOfApache, IsRejectedIfCut) {
  EXPECT_EQ(Combined("shop.com:80"), Line(Rejection::kMalformed));
  EXPECT_EQ(Combined("shop.com:80 - - - [x]"), Line(Rejection::kMalformed));
  EXPECT_EQ(Combined(R"(shop.com:80 - - - [x] "GET /\)"), Line(Rejection::kMalformed));
  EXPECT_EQ(Combined(R"(shop.com:80 - - - [x] "GET /")"), Line(Rejection::kMalformed));
  EXPECT_EQ(Combined(R"(shop.com:80 - - - [x] "GET /" 200 x)"), Line(Rejection::kMalformed));
}

}  // namespace
}  // namespace agent::requests
