#include "common/haproxy/stat.h"

#include <gmock/gmock.h>

#include <string>

namespace common::haproxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As HAProxy 2.6 answers, with the columns that nobody reads cut out and one moved.
constexpr std::string_view kStat =
    "# pxname,svname,qcur,scur,stot,econ,eresp,wretr,wredis,status,hrsp_2xx,hrsp_4xx,hrsp_5xx,"
    "req_tot,check_desc,-,\n"
    "shop,b-1,1,2,5,0,0,1,2,DRAIN,3,0,0,3,\"Layer7, \"\"odd\"\"\",-,\n"
    "shop,BACKEND,4,6,9,4,0,1,2,UP,3,1,4,7,,-,\n"
    "\n";

TEST(HaproxyStat, ReadsColumnsByTheirNames) {
  const auto lines = ParseStat(kStat);

  ASSERT_TRUE(lines) << lines.error().what;
  EXPECT_THAT(*lines, ElementsAre(StatLine{.proxy = "shop",
                                           .server = "b-1",
                                           .status = "DRAIN",
                                           .stot = 5,
                                           .req_tot = 3,
                                           .scur = 2,
                                           .qcur = 1,
                                           .wretr = 1,
                                           .wredis = 2,
                                           .hrsp_2xx = 3},
                                  StatLine{.proxy = "shop",
                                           .server = "BACKEND",
                                           .status = "UP",
                                           .stot = 9,
                                           .req_tot = 7,
                                           .scur = 6,
                                           .qcur = 4,
                                           .econ = 4,
                                           .wretr = 1,
                                           .wredis = 2,
                                           .hrsp_2xx = 3,
                                           .hrsp_4xx = 1,
                                           .hrsp_5xx = 4}));
}

TEST(HaproxyStat, AShortLineHasZeros) {
  const auto lines = ParseStat("# pxname,svname,status,qcur,scur,stot,\nshop,b-1\n");

  ASSERT_TRUE(lines) << lines.error().what;
  EXPECT_THAT(*lines, ElementsAre(StatLine{.proxy = "shop", .server = "b-1", .status = ""}));
}

TEST(HaproxyStat, RefusesAnotherAnswer) {
  for (const auto* const answer : {"", "Unknown command\n", "# pxname,svname\n", "# \n"}) {
    const auto lines = ParseStat(answer);

    ASSERT_FALSE(lines) << answer;
    EXPECT_EQ(lines.error().code, std::errc::bad_message);
  }
}

TEST(HaproxyInfo, TellsOneProcessFromTheNext) {
  const auto info =
      ParseInfo("Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nPid: 7058\nUptime_sec: 171\n");

  ASSERT_TRUE(info) << info.error().what;
  EXPECT_EQ(*info, (Info{.pid = 7058, .uptime_seconds = 171, .version = "2.6.12-1+deb12u4"}));
}

TEST(HaproxyInfo, RefusesAnotherAnswer) {
  EXPECT_FALSE(ParseInfo("Pid: many\nUptime_sec: 1\n"));
  EXPECT_FALSE(ParseInfo(""));
}

constexpr std::string_view kServers =
    "1\n"
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state "
    "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n"
    "3 shop 1 b-1 127.0.0.1 2 8 1 1 3 1 0 0 0 0 0 0 - 18997 -\n"
    "3 shop 2 b-2 127.0.0.1 0 1 1 1 3 1 0 0 0 0 0 0 - 18998 -\n"
    "\n";

TEST(HaproxyServers, KnowWhoDrainsAndWhoIsInMaintenance) {
  const auto servers = ParseServersState(kServers);

  ASSERT_TRUE(servers) << servers.error().what;
  ASSERT_EQ(servers->size(), 2U);
  EXPECT_EQ(servers->front(), (ServerState{.backend = "shop",
                                           .server = "b-1",
                                           .address = "127.0.0.1",
                                           .port = 18997,
                                           .admin_state = 8}));
  EXPECT_TRUE(servers->front().Draining());
  EXPECT_FALSE(servers->front().InMaintenance());
  EXPECT_TRUE(servers->back().InMaintenance());
}

TEST(HaproxyServers, AnotherFormatIsRefused) {
  const auto servers = ParseServersState("2\n# what\n");

  ASSERT_FALSE(servers);
  EXPECT_THAT(servers.error().what, HasSubstr("show servers state"));
}

}  // namespace
}  // namespace common::haproxy
