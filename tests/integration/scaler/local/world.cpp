#include "integration/scaler/local/world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/haproxy/runtime_socket.h"
#include "common/haproxy/stat.h"
#include "scaler/local/cgroups.h"

namespace scaler::local {
namespace {

namespace fs = std::filesystem;
using common::lifecycle::Record;
using platform::Phase;
using std::chrono::milliseconds;

constexpr const char* kHaproxy = "/usr/sbin/haproxy";
constexpr int kListenerDescriptor = 7;

constexpr const char* kConfiguration = R"(
global
  maxconn 500
  stats socket SOCKET mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
frontend visitors
  bind fd@7
  default_backend shop
backend shop
  balance roundrobin
)";

std::string ReadAll(const fs::path& file) {
  std::ostringstream content;
  content << std::ifstream(file).rdbuf();
  return content.str();
}

}  // namespace

World::World() : cgroup_parent_("trimtab-test-" + std::to_string(::getpid())) {
  std::string pattern = (fs::temp_directory_path() / "local-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), length);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  ::listen(listener_, 256);
  port_ = ntohs(address.sin_port);
}

World::~World() {
  platform_.reset();
  KillHaproxy();
  // Shims first: one that lives would write down an end for each replica that we kill.
  for (int i = 0; i < 200 && !Processes().empty(); ++i) {
    for (const pid_t pid : Processes()) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, WNOHANG);
    }
    ::usleep(5000);
  }
  if (const auto cgroups = Cgroups::Find("/")) {
    for (int i = 0; i < 200 && !cgroups->RemoveAll(cgroup_parent_); ++i) {
      cgroups->KillAll(cgroup_parent_);
      ::usleep(5000);
    }
  }
  ::close(listener_);
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

bool World::HasHaproxy() { return ::access(kHaproxy, X_OK) == 0; }

void World::StartHaproxy() {
  std::string configuration = kConfiguration;
  configuration.replace(configuration.find("SOCKET"), 6, (directory_ / "haproxy.sock").string());
  std::ofstream(directory_ / "haproxy.cfg") << configuration;
  haproxy_ = ::fork();
  if (haproxy_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log =
        ::open((directory_ / "haproxy.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::dup2(listener_, kListenerDescriptor);
    ::execl(kHaproxy, kHaproxy, "-db", "-f", (directory_ / "haproxy.cfg").c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 500; ++i) {
    if (common::haproxy::Execute(directory_ / "haproxy.sock", "show info", milliseconds(500))) {
      return;
    }
    ::usleep(10'000);
  }
  ADD_FAILURE() << "HAProxy does not start: " << ReadAll(directory_ / "haproxy.log");
}

void World::KillHaproxy() {
  if (haproxy_ > 0) {
    ::kill(haproxy_, SIGKILL);
    ::waitpid(haproxy_, nullptr, 0);
    haproxy_ = 0;
  }
}

Spec World::DefaultSpec() const {
  WorkloadSpec shop;
  shop.name = "shop";
  shop.backend = "shop";
  shop.labels = {{"part-of", "tests"}};
  shop.command = {LOCAL_TEST_SERVER, "$(PORT)", "$(REPLICA)"};
  shop.resources.memory_limit_bytes = 48ULL << 20U;
  shop.resources.cpu_request_cores = 0.1;
  shop.resources.cpu_limit_cores = 1;
  shop.health = {.path = "/healthz",
                 .period = milliseconds(100),
                 .timeout = milliseconds(300),
                 .failure_threshold = 3,
                 .start_timeout = std::chrono::seconds(10)};
  shop.restart = {.initial_back_off = milliseconds(100), .max_back_off = std::chrono::seconds(2)};
  shop.grace_period = std::chrono::seconds(2);
  Spec spec;
  spec.cgroup_parent = cgroup_parent_;
  // Worlds of several test processes run side by side; below the ports of the demo.
  const int first = 10'000 + static_cast<int>(::getpid() % 790) * 10;
  spec.ports = {.first = first, .last = first + 99};
  spec.haproxy_socket = directory_ / "haproxy.sock";
  spec.on_exit = OnExit::kStop;
  spec.workloads = {shop};
  return spec;
}

void World::OpenPlatform(const Spec& spec, const fs::path& root) {
  LocalOptions options;
  options.state = directory_ / "state";
  options.root = root;
  auto opened = LocalPlatform::Open(loop_, spec, options);
  ASSERT_TRUE(opened) << opened.error().what;
  platform_ = std::move(*opened);
}

void World::Scale(int replicas) {
  platform_->Scale({"local", "shop"}, replicas, [](const common::Result<void>& done) {
    EXPECT_TRUE(done) << done.error().what;
  });
}

void World::Stop() {
  bool stopped = false;
  platform_->Stop([&] { stopped = true; });
  EXPECT_TRUE(Until([&] { return stopped; }));
}

bool World::Until(const std::function<bool()>& holds, milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    RunFor(milliseconds(5));
  }
  return true;
}

void World::RunFor(milliseconds duration) {
  loop_.Context().restart();
  loop_.Context().run_for(duration);
}

std::vector<platform::Replica> World::Replicas() const { return platform_->List().at(0)->replicas; }

int World::Count(Phase phase) const {
  const auto replicas = Replicas();
  return static_cast<int>(std::count_if(replicas.begin(), replicas.end(),
                                        [&](const auto& each) { return each.phase == phase; }));
}

bool World::AllReady(int replicas) const {
  return Count(Phase::kReady) == replicas &&
         Replicas().size() == static_cast<std::size_t>(replicas);
}

std::vector<Record> World::Lifecycle() const {
  std::vector<Record> records;
  std::ifstream file(directory_ / "state" / "lifecycle.jsonl");
  for (std::string line; std::getline(file, line);) {
    if (auto record = common::lifecycle::Decode(line)) {
      records.push_back(*record);
    }
  }
  return records;
}

std::vector<Record> World::Ends() const {
  auto records = Lifecycle();
  std::erase_if(records,
                [](const auto& record) { return record.event != common::lifecycle::Event::kEnd; });
  return records;
}

std::vector<std::string> World::Servers() const {
  const auto lines =
      common::haproxy::Execute(directory_ / "haproxy.sock", "show stat shop 4 -1",
                               std::chrono::seconds(2))
          .and_then([](const std::string& text) { return common::haproxy::ParseStat(text); });
  std::vector<std::string> servers;
  for (const auto& line : lines.value_or(std::vector<common::haproxy::StatLine>())) {
    servers.push_back(line.server + " " + line.status);
  }
  std::sort(servers.begin(), servers.end());
  return servers;
}

std::vector<std::string> World::LeftBehind() const {
  std::vector<std::string> left;
  for (const pid_t pid : Processes()) {
    std::string line = ReadAll(fs::path("/proc") / std::to_string(pid) / "cmdline");
    std::replace(line.begin(), line.end(), '\0', ' ');
    left.push_back(line);
  }
  for (const auto& cgroup : CgroupDirectories()) {
    left.push_back(cgroup.string());
  }
  return left;
}

int World::PortOf(const std::string& replica) const {
  for (const auto& each : Replicas()) {
    if (each.id == replica) {
      return std::atoi(each.address.substr(each.address.find(':') + 1).c_str());
    }
  }
  return 0;
}

pid_t World::ShimOf(const std::string& replica) const {
  return std::atoi(ReadAll(directory_ / "state/replicas" / (replica + ".lock")).c_str());
}

std::string World::Story() const {
  std::string story = "lifecycle:\n" + ReadAll(directory_ / "state/lifecycle.jsonl");
  for (const char* const folder : {"logs", "replicas"}) {
    for (const auto& entry : fs::directory_iterator(directory_ / "state" / folder)) {
      story += entry.path().filename().string() + ":\n" + ReadAll(entry.path()) + "\n";
    }
  }
  for (const pid_t pid : Processes()) {
    const auto process = fs::path("/proc") / std::to_string(pid);
    story += ReadAll(process / "status").substr(0, 200) + ReadAll(process / "wchan") + "\n" +
             ReadAll(process / "cgroup");
  }
  return story;
}

/// The shims, by the launch files on their command lines, before their replicas.
std::vector<pid_t> World::Processes() const {
  std::vector<pid_t> shims;
  std::vector<pid_t> replicas;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0) {
      continue;
    }
    if (ReadAll(entry.path() / "cmdline").find(directory_.string() + "/state") !=
        std::string::npos) {
      shims.push_back(pid);
    } else if (ReadAll(entry.path() / "cgroup").find("/" + cgroup_parent_ + "/") !=
               std::string::npos) {
      replicas.push_back(pid);
    }
  }
  shims.insert(shims.end(), replicas.begin(), replicas.end());
  return shims;
}

std::vector<fs::path> World::CgroupDirectories() const {
  std::vector<fs::path> found;
  for (const char* const mount : {"memory", "cpu", "cpuacct", "cpu,cpuacct", "", "unified"}) {
    const auto directory = fs::path("/sys/fs/cgroup") / mount / cgroup_parent_;
    if (std::error_code ignored; fs::is_directory(directory, ignored)) {
      found.push_back(directory);
    }
  }
  return found;
}

}  // namespace scaler::local
