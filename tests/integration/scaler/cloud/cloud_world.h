#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "common/io_loop.h"
#include "integration/agent/requests/child_process.h"
#include "integration/demo/port_range.h"
#include "scaler/local/cgroups.h"
#include "scaler/local/cloud/cloud_client.h"
#include "support/scratch_directory.h"

namespace tests {

using scaler::local::cloud::CloudClient;
using scaler::platform::NodeOrder;
using scaler::platform::ProvidedNode;
using scaler::platform::Refusal;

/// The real trimtab-local-cloud in a world of its own, with a client of it on the test's thread.
class CloudWorld {
 public:
  /// `pools` and more are YAML, at the beginning of the line.
  explicit CloudWorld(const std::string& yaml) {
    std::ofstream config(scratch_.Path() / "cloud.yaml");
    config << "cgroupParent: " << Parent() << "\nports: {first: " << FirstPort()
           << ", last: " << FirstPort() + 39 << "}\n"
           << yaml;
  }
  CloudWorld(const CloudWorld&) = delete;
  CloudWorld& operator=(const CloudWorld&) = delete;
  ~CloudWorld() {
    client_.reset();
    process_.reset();
    const auto cgroups = scaler::local::Cgroups::Find("/");
    for (int attempt = 0; cgroups && attempt < 500 && !cgroups->RemoveAll(Parent()); ++attempt) {
      cgroups->KillAll(Parent());
      Turn(std::chrono::milliseconds(10));
    }
  }

  void Start() {
    process_.emplace(std::vector<std::string>{TRIMTAB_CLOUD, "--config",
                                              (scratch_.Path() / "cloud.yaml").string(), "--state",
                                              (scratch_.Path() / "state").string()},
                     scratch_.Path() / "log");
    if (!client_) {
      client_ = std::make_unique<CloudClient>(loop_, Socket());
    }
    EXPECT_TRUE(Until([&] { return client_->List().problem.empty(); })) << Log();
  }

  /// kill -9.
  void Kill() { process_.reset(); }
  int Stop() { return process_->Stop(); }

  /// Runs one of the operator's commands; its status.
  [[nodiscard]] int Command(const std::string& words) const {
    const auto line = std::string(TRIMTAB_CLOUD) + " --socket " + Socket().string() + " " + words +
                      " >> " + (scratch_.Path() / "commands").string() + " 2>&1";
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  /// Waits, with the loop running, until `holds` does.
  [[nodiscard]] bool Until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      Turn(std::chrono::milliseconds(20));
    }
    return true;
  }

  std::optional<Refusal> Add(const NodeOrder& order) {
    std::optional<std::optional<Refusal>> answer;
    client_->Add(order, [&](std::optional<Refusal> refusal) { answer = std::move(refusal); });
    EXPECT_TRUE(Until([&] { return answer.has_value(); }));
    return answer.value_or(std::nullopt);
  }

  std::optional<Refusal> Remove(const std::string& node) {
    std::optional<std::optional<Refusal>> answer;
    client_->Remove(node, [&](std::optional<Refusal> refusal) { answer = std::move(refusal); });
    EXPECT_TRUE(Until([&] { return answer.has_value(); }));
    return answer.value_or(std::nullopt);
  }

  [[nodiscard]] std::vector<ProvidedNode> Nodes() const { return client_->List().nodes; }
  [[nodiscard]] bool AllRun(std::size_t nodes) const {
    const auto all = Nodes();
    return all.size() == nodes && std::all_of(all.begin(), all.end(), [](const auto& node) {
             return node.state == ProvidedNode::State::kRunning;
           });
  }

  [[nodiscard]] CloudClient& Client() { return *client_; }
  [[nodiscard]] common::IoLoop& Loop() { return loop_; }
  [[nodiscard]] std::filesystem::path Socket() const {
    return scratch_.Path() / "state" / "cloud.sock";
  }
  [[nodiscard]] std::filesystem::path Scratch() const { return scratch_.Path(); }
  [[nodiscard]] std::string Parent() const { return "trimtab-test-" + std::to_string(::getpid()); }
  [[nodiscard]] std::string Log() const { return ReadAll(scratch_.Path() / "log"); }
  [[nodiscard]] std::string Said() const { return ReadAll(scratch_.Path() / "commands"); }

 private:
  static std::string ReadAll(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  /// Above the demo's replicas' first.
  [[nodiscard]] int FirstPort() const { return ports_.Base() + 2000; }

  void Turn(std::chrono::milliseconds time) {
    loop_.Context().restart();
    loop_.Context().run_for(time);
  }

  const PortRange ports_;
  ScratchDirectory scratch_;
  common::IoLoop loop_;
  std::optional<ChildProcess> process_;
  std::unique_ptr<CloudClient> client_;
};

}  // namespace tests
