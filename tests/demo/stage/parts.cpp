#include "tests/demo/stage/parts.h"

#include <fmt/format.h>

#include <chrono>

#include "common/http/client.h"
#include "tests/demo/stage/cloud.h"

namespace demo {
namespace {

using common::Result;
using std::chrono::seconds;

Result<void> AnswersWith(const std::string& address, const std::string& target, int status) {
  return common::http::Get(address, target, seconds(1))
      .and_then([&](const common::http::Response& answer) -> Result<void> {
        if (answer.status != status) {
          return common::Fail(std::errc::resource_unavailable_try_again,
                              fmt::format("http://{}{} answers {}: {}", address, target,
                                          answer.status, answer.body.substr(0, 200)));
        }
        return {};
      });
}

}  // namespace

std::vector<Part> MakeParts(const RunPlace& place) {
  const auto run = [&](const char* name) { return (place.directory / name).string(); };
  const auto bin = [&](const char* name) { return (place.binaries / name).string(); };
  const auto& ports = place.ports;
  const auto log = ports.log;
  return {
      {"trimtab-log-writer",
       {bin("trimtab-log-writer"), "--listen", "udp:" + Loopback(log), "--output",
        run("access.log")},
       [log]() -> Result<void> {
         if (!IsTaken(log, Transport::kUdp)) {
           return common::Fail(std::errc::connection_refused, "it does not listen yet");
         }
         return {};
       }},
      {"haproxy",
       {"haproxy", "-db", "-f", run("haproxy.cfg")},
       [address = Loopback(ports.haproxy)] { return AnswersWith(address, "/", 404); }},
      {"prometheus-alertmanager",
       {"prometheus-alertmanager", "--config.file=" + run("alertmanager.yml"),
        "--storage.path=" + run("alertmanager"),
        "--cluster.listen-address=", "--web.listen-address=" + Loopback(ports.alertmanager)},
       [address = Loopback(ports.alertmanager)] { return AnswersWith(address, "/-/ready", 200); }},
      {"prometheus",
       {"prometheus", "--config.file=" + run("prometheus.yml"),
        "--storage.tsdb.path=" + run("prometheus"), "--storage.tsdb.retention.time=2h",
        "--web.listen-address=" + Loopback(ports.prometheus)},
       [address = Loopback(ports.prometheus)] { return AnswersWith(address, "/-/ready", 200); }},
      {"trimtab-agent",
       {bin("trimtab-agent"), "--config", run("agent.yaml"), "--listen", Loopback(ports.agent),
        "--root", "/", "--state", run("agent")},
       [address = Loopback(ports.agent)] { return AnswersWith(address, "/readyz", 200); }},
      {"trimtab-local-cloud",
       {bin("trimtab-local-cloud"), "--config", run("cloud.yaml"), "--state", run("cloud")},
       [socket = place.directory / "cloud.sock"] {
         return Cloud(socket).List().map([](const CloudView&) {});
       }},
      {"trimtab-scaler",
       {bin("trimtab-scaler"), "--config", run("scaler.yaml"), "--policies",
        (place.source / "deploy" / "local" / "policies").string(), "--listen",
        Loopback(ports.scaler), "--state", run("scaler")},
       [address = Loopback(ports.scaler)] { return AnswersWith(address, "/readyz", 200); }},
  };
}

}  // namespace demo
