#include "tests/cluster/support/scaler.h"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace cluster {

Scaler::Scaler(ControlPlane& plane, std::string name, std::vector<std::string> agents, World world)
    : plane_(plane),
      name_(std::move(name)),
      directory_(plane.Directory() / name_),
      port_(plane.NewPort()),
      world_(world) {
  std::filesystem::create_directories(directory_ / "state");
  SetClock(std::chrono::seconds(0));
  RenewToken();
  std::ofstream(directory_ / "config.yaml")
      << fmt::format("agents: [{}]\nkubernetes: {{kubeconfig: {}, namespace: trimtab}}\n",
                     fmt::join(agents, ", "), (directory_ / "kubeconfig").string());
  Start();
}

Scaler::~Scaler() { Kill(); }

void Scaler::Start() {
  std::vector<std::string> command;
  if (world_.own_clock) {
    command = {"env", "LD_PRELOAD=" CLOCK_SHIM,
               "CLOCK_OFFSET_FILE=" + (directory_ / "clock").string()};
  }
  for (const auto& word : {std::string(BINARY_DIR "/trimtab-scaler"), std::string("--config"),
                           (directory_ / "config.yaml").string(), std::string("--state"),
                           (directory_ / "state").string(), std::string("--listen"),
                           fmt::format("127.0.0.1:{}", port_)}) {
    command.push_back(word);
  }
  if (world_.says_all) {
    command.insert(command.end(), {"--log-level", "debug"});
  }
  const auto started = plane_.Children().Start(name_, command, directory_ / "log");
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
}

void Scaler::Kill() { plane_.Children().Kill(name_); }
bool Scaler::Stop() { return plane_.Children().Stop(name_, std::chrono::seconds(30)); }
void Scaler::Pause() { plane_.Children().Signal(name_, SIGSTOP); }
void Scaler::Resume() { plane_.Children().Signal(name_, SIGCONT); }

void Scaler::RenewToken() const {
  plane_.WriteAccount("trimtab", "trimtab-scaler", directory_ / "kubeconfig", world_.api_port);
}

void Scaler::SetClock(std::chrono::seconds ahead) const {
  const std::int64_t seconds = ahead.count();
  std::fstream file(directory_ / "clock", std::ios::in | std::ios::out | std::ios::binary);
  if (!file) {
    file.open(directory_ / "clock", std::ios::out | std::ios::binary);
  }
  file.write(reinterpret_cast<const char*>(&seconds), sizeof(seconds));
}

std::string Scaler::Get(const std::string& path) const {
  return RunToEnd({"curl", "--silent", "--max-time", "5",
                   fmt::format("http://127.0.0.1:{}{}", port_, path)},
                  "", plane_.Directory())
      .out;
}

std::string Scaler::Log() const {
  std::ifstream file(directory_ / "log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool Scaler::IsRunning() {
  plane_.Children().Reap();
  return !plane_.Children().Ending(name_);
}

pid_t Scaler::Process() const { return plane_.Children().Id(name_); }

}  // namespace cluster
