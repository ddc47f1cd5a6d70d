// What trimtab-demo trusts in to leave nothing behind: that it finds what others leave.

#include "tests/demo/stage/children.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "support/scratch_directory.h"
#include "tests/demo/stage/leftovers.h"

namespace demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChildrenTest : public ::testing::Test {
 protected:
  void Start(const std::string& name, const std::string& script) {
    ASSERT_TRUE(children_.Start(name, {"sh", "-c", script}, scratch_.Path() / "log"));
  }

  template <typename Condition>
  bool Eventually(Condition holds) {
    const auto deadline = steady_clock::now() + seconds(20);
    for (children_.Reap(); !holds(); children_.Reap()) {
      if (steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    return true;
  }

  std::string Log() {
    std::ifstream file(scratch_.Path() / "log");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  const tests::ScratchDirectory scratch_;
  Children children_;
};

TEST_F(ChildrenTest, TellsHowAProgramEnded) {
  Start("fails", "echo words; exit 4");

  ASSERT_TRUE(Eventually([&] { return children_.FirstEnded() == "fails"; }));
  EXPECT_EQ(children_.Ending("fails"), "exit code 4");
  EXPECT_EQ(Log(), "words\n");
}

TEST_F(ChildrenTest, SaysThatAProgramIsNotThere) {
  ASSERT_TRUE(children_.Start("absent", {"/nowhere/program"}, scratch_.Path() / "log"));

  ASSERT_TRUE(Eventually([&] { return children_.Ending("absent").has_value(); }));
  EXPECT_EQ(Log(), "cannot be executed\n");
}

TEST_F(ChildrenTest, StopsWhatObeys) {
  Start("obeys", "exec sleep 1000");

  EXPECT_TRUE(children_.Stop("obeys", seconds(20)));
  EXPECT_THAT(children_.Strangers(), IsEmpty());
}

TEST_F(ChildrenTest, KillsWhatDoesNotObey) {
  Start("stubborn", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
  ASSERT_TRUE(Eventually([&] { return Log() == "ready\n"; }));

  EXPECT_FALSE(children_.Stop("stubborn", milliseconds(100)));
}

TEST_F(ChildrenTest, FindsAndKillsADaemonThatAProgramLeft) {
  // In a session of its own, with its parent gone: nothing but descent leads to it.
  Start("parent", "setsid sleep 1000 & exit 0");
  ASSERT_TRUE(Eventually([&] { return children_.FirstEnded().has_value(); }));

  EXPECT_TRUE(Eventually([&] {
    const auto strangers = children_.Strangers();
    return strangers.size() == 1 && strangers[0].starts_with("sleep (process ");
  }));

  children_.KillStrangers();
  EXPECT_THAT(children_.Strangers(), IsEmpty());
}

TEST_F(ChildrenTest, FindsAndRemovesACgroupWithAProcessInIt) {
  const std::filesystem::path memory = "/sys/fs/cgroup/memory";
  const std::filesystem::path unified = "/sys/fs/cgroup";
  const auto root = std::filesystem::exists(memory / "cgroup.procs") ? memory : unified;
  const auto name = "trimtab-demo-test-" + std::to_string(::getpid());
  if (::mkdir((root / name).c_str(), 0755) != 0) {
    GTEST_SKIP() << "cgroups cannot be made here";
  }
  ::mkdir((root / name / "below").c_str(), 0755);
  Start("member", "echo $$ > " + (root / name / "below" / "cgroup.procs").string() +
                      " && echo ready && exec sleep 1000");
  const bool joined = Eventually([&] { return Log() == "ready\n"; });

  const auto found = FindCgroups(name);
  EXPECT_THAT(found, SizeIs(1));
  RemoveCgroups(found);

  EXPECT_THAT(FindCgroups(name), IsEmpty());
  EXPECT_TRUE(joined) << Log();
  EXPECT_TRUE(Eventually([&] { return children_.Ending("member") == "signal 9"; }));
}

}  // namespace
}  // namespace demo
