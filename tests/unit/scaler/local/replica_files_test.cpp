#include "scaler/local/replica_files.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "scaler/local/log_file.h"

namespace scaler::local {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

TEST(ReplicaFiles, ALaunchComesBackAsItWasWritten) {
  const Launch launch = {.name_space = "local",
                         .workload = "shop",
                         .replica = "shop-3",
                         .attempt = 2,
                         .port = 20001,
                         .command = {"/bin/shop", "", "\"quoted\"\n"},
                         .env = {{"A", "b"}},
                         .node = "spot-a-1",
                         .cgroup = "trimtab/shop-3.2",
                         .resources = {.cpu_request_cores = 2,
                                       .memory_request_bytes = std::nullopt,
                                       .cpu_limit_cores = 0.5,
                                       .memory_limit_bytes = 64ULL << 30U},
                         .root = "/",
                         .lifecycle = "/s/lifecycle.jsonl",
                         .state = "/s/replicas/shop-3.json",
                         .log = "/s/logs/shop-3.log",
                         .grace_period = milliseconds(5000),
                         .back_off = milliseconds(4000)};

  const auto decoded = DecodeLaunch(Encode(launch));

  ASSERT_TRUE(decoded) << decoded.error().what;
  EXPECT_EQ(*decoded, launch);
}

TEST(ReplicaFiles, AStateComesBackWithAndWithoutItsEnd) {
  ReplicaState state = {.workload = "shop",
                        .replica = "shop-3",
                        .attempt = 2,
                        .port = 20001,
                        .cgroup = "trimtab/shop-3.2",
                        .shim_pid = 100,
                        .pid = 101,
                        .pid_start_ticks = 123'456'789'012,
                        .boot_id = "89e0286d",
                        .started = common::WallTime(milliseconds(1'763'000'000'000)),
                        .back_off = milliseconds(100),
                        .stopping = true,
                        .end = std::nullopt};
  EXPECT_EQ(DecodeReplicaState(Encode(state)), state);

  state.end = {.reason = common::lifecycle::EndReason::kOomKilled,
               .status = {.exit_code = std::nullopt, .signal = 9},
               .time = state.started};
  EXPECT_EQ(DecodeReplicaState(Encode(state)), state);
}

TEST(ReplicaFiles, AWorkloadComesBack) {
  const WorkloadState state = {.desired = 3, .next = 17};

  EXPECT_EQ(DecodeWorkloadState(Encode(state)), state);
}

TEST(ReplicaFiles, DamageIsRefused) {
  for (const auto* const text :
       {"", "[]", "{}", R"({"version":2,"desired":1})", R"({"version":1,"desired":"many"})",
        R"({"version":1,"desired":99999999999})", R"({"version":1,"desired":1)"}) {
    const auto state = DecodeWorkloadState(text);
    ASSERT_FALSE(state) << text;
    EXPECT_EQ(state.error().code, std::errc::bad_message);
  }
  EXPECT_FALSE(DecodeLaunch(R"({"version":1,"command":[1]})"));
  EXPECT_FALSE(DecodeReplicaState(R"({"version":1,"end":{"signal":"nine"}})"));
}

class FilesOnDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  [[nodiscard]] static std::string Read(const fs::path& file) {
    std::ostringstream content;
    content << std::ifstream(file).rdbuf();
    return content.str();
  }

  fs::path directory_;
};

TEST_F(FilesOnDisk, ALogIsBounded) {
  const auto file = directory_ / "shop.log";
  LogFile log(file);
  const std::string line(1000, 'x');
  for (int i = 0; i < 5000; ++i) {
    log.Write(line);
  }

  EXPECT_LE(fs::file_size(file), 1U << 20U);
  EXPECT_LE(fs::file_size(file.string() + ".1"), 1U << 20U);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2);
}

TEST_F(FilesOnDisk, ALogThatCannotBeWrittenHurtsNobody) {
  LogFile log(directory_ / "absent" / "shop.log");

  log.Write("nobody will read this");

  EXPECT_TRUE(fs::is_empty(directory_));
}

}  // namespace
}  // namespace scaler::local
