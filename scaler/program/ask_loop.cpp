#include "scaler/program/ask_loop.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace scaler::program {
namespace {

/// A request waits no longer for the loop.
constexpr auto kLoopAnswers = std::chrono::seconds(5);

}  // namespace

common::Result<void> AskLoopFor(common::IoLoop& io, std::function<void(Answered)> question) {
  const auto answer = std::make_shared<std::promise<common::Result<void>>>();
  auto taken = answer->get_future();
  io.Post([answer, question = std::move(question)] {
    question([answer](common::Result<void> result) { answer->set_value(std::move(result)); });
  });
  if (taken.wait_for(kLoopAnswers) != std::future_status::ready) {
    return common::Fail(std::errc::timed_out, "the loop does not answer");
  }
  return taken.get();
}

common::Result<void> AskLoop(common::IoLoop& io, std::function<common::Result<void>()> question) {
  return AskLoopFor(
      io, [question = std::move(question)](const Answered& answered) { answered(question()); });
}

}  // namespace scaler::program
