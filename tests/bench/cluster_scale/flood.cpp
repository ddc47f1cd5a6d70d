#include "bench/cluster_scale/flood.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "bench/cluster_scale/say.h"

namespace bench {
namespace {

namespace api = common::kubernetes;

/// As many as the transport keeps connections: a handshake costs more than a request.
constexpr std::size_t kAtOnce = 8;
constexpr auto kSayEvery = std::chrono::seconds(10);
/// None: who fills a cluster wants no more than to be done.
constexpr api::Rate kNoLimit{.per_second = 1e6, .burst = 1'000'000};

}  // namespace

Flood::Flood(const std::filesystem::path& kubeconfig) {
  api::ConnectionOptions options;
  options.kubeconfig = kubeconfig.string();
  options.client.rate = kNoLimit;
  options.client.user_agent = "trimtab-bench";
  auto connection = api::Connect(loop_, options);
  if (!connection) {
    throw std::runtime_error(connection.error().what);
  }
  connection_ = std::move(*connection);
}

void Flood::Create(const std::string& collection, std::string object, Answered answered) {
  api::Request request;
  request.method = "POST";
  request.target = collection;
  request.body = std::move(object);
  request.deadline = std::chrono::seconds(120);
  // What an answer asks for goes first: so few are half made at any time.
  waiting_.push_front({std::move(request), std::move(answered)});
}

void Flood::Patch(const std::string& target, std::string patch) {
  api::Request request;
  request.method = "PATCH";
  request.target = target;
  request.body = std::move(patch);
  request.content_type = "application/merge-patch+json";
  request.deadline = std::chrono::seconds(120);
  waiting_.push_front({std::move(request), {}});
}

void Flood::Run(const std::string& what) {
  const auto begun = loop_.Monotonic();
  const auto before = done_;
  std::unique_ptr<common::Timer> say;
  std::function<void()> tell = [&] {
    const std::chrono::duration<double> passed = loop_.Monotonic() - begun;
    const auto done = done_ - before;
    Say("  {}: {} requests, {:.0f}/s", what, done, static_cast<double>(done) / passed.count());
    say = loop_.After(kSayEvery, tell);
  };
  say = loop_.After(kSayEvery, tell);
  Answer();
  say.reset();
  const std::chrono::duration<double> passed = loop_.Monotonic() - begun;
  Say("  {}: {} requests in {:.0f} s", what, done_ - before, passed.count());
}

void Flood::Answer() {
  loop_.Context().restart();  // It was stopped at the end of the last ones.
  loop_.Post([this] { Fill(); });
  loop_.Run();
  sent_.clear();
  if (!problem_.empty()) {
    throw std::runtime_error(std::exchange(problem_, {}));
  }
}

void Flood::Fill() {
  while (problem_.empty() && !waiting_.empty() && sent_.size() < kAtOnce) {
    auto question = std::move(waiting_.front());
    waiting_.pop_front();
    const auto id = ++ids_;
    sent_[id] = connection_->client->Send(
        std::move(question.request),
        [this, id, answered = std::move(question.answered)](
            const api::Outcome<std::string>& outcome) { Done(id, answered, outcome); });
  }
  if (sent_.empty() || !problem_.empty()) {
    loop_.Stop();
  }
}

void Flood::Done(std::size_t id, const Answered& answered,
                 const api::Outcome<std::string>& outcome) {
  ++done_;
  if (!outcome) {
    problem_ = outcome.error().message;
  } else if (answered) {
    answered(*outcome);
  }
  // Not here: the request that is taken away holds the function that runs.
  loop_.Post([this, id] {
    sent_.erase(id);
    Fill();
  });
}

std::string Flood::Get(const std::string& target) {
  std::string body;
  api::Request request;
  request.target = target;
  waiting_.push_front({std::move(request), [&](const std::string& answer) { body = answer; }});
  Answer();
  return body;
}

}  // namespace bench
